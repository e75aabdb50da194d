"""The images, and how each becomes the tensor that the model expects."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from core.data.choose import ContractTrial
from core.data.contract import PreprocessingContract
from core.data.contract_file import read_contract
from core.data.presets import contracts_for
from core.errors import InputError
from gui import theme
from gui.dialogs.contract_form import ContractForm
from gui.dialogs.sheet import Sheet
from gui.opened import OpenImages
from gui.panels.inputs import Picker
from gui.panels.text import Facts, Heading, Text
from gui.panels.trouble_card import TroubleCard
from gui.session import Session
from gui.trouble import Trouble

_BEST = "Best of the presets"
_CUSTOM = "As edited below"
_THUMBNAIL = 48
_MOST_TRIALS = 5


class ImagesDialog(Sheet):
    """Choosing takes effect at once; the preparation when the dialog is accepted."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Images",
            "A folder or zip with one folder per class, COCO or YOLO boxes, masks, texts, numbers "
            "in a CSV, or .npz tensors checks accuracy and calibrates INT8. Without labels the "
            "answers are compared with the original’s.",
            parent,
            620,
        )
        self._session = session
        self._contracts: list[PreprocessingContract | None] = [None]
        self._build_source()
        self._build_preparation()
        self.add_cancel("Close")
        self.use = self.add_button("Use this preparation", primary=True)
        self.use.clicked.connect(self._keep)
        session.images_changed.connect(self._show)
        session.troubles.changed.connect(self._show)
        self._show()

    def _build_source(self) -> None:
        row = QHBoxLayout()
        self._name = Text(bold=True, overflow="cut")
        row.addWidget(self._name, 1)
        for text, press in (
            ("Choose a file…", self._choose_file),
            ("Choose a folder…", self._choose_folder),
        ):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(press)
            row.addWidget(button)
        self.remove = QPushButton("Remove")
        self.remove.setAutoDefault(False)
        self.remove.clicked.connect(self._session.remove_images)
        row.addWidget(self.remove)
        self.body.addLayout(row)
        self._thumbnails = QHBoxLayout()
        self._thumbnails.setSpacing(4)
        self.body.addLayout(self._thumbnails)
        self._trouble = TroubleCard()
        self._trouble.action_wanted.connect(self._choose_folder)
        self._trouble.dismissed.connect(lambda: self._session.troubles.clear("images"))
        self.body.addWidget(self._trouble)
        self._facts = Facts(130)
        self.body.addWidget(self._facts)

    def _build_preparation(self) -> None:
        self._heading = Heading("Preparation")
        self.body.addWidget(self._heading)
        row = QHBoxLayout()
        self.preparation = Picker()
        self.preparation.setAccessibleName("Preparation")
        self.preparation.activated.connect(self._pick)
        row.addWidget(self.preparation, 1)
        self._from_file = QPushButton("From a file…")
        self._from_file.setAutoDefault(False)
        self._from_file.clicked.connect(self._load)
        row.addWidget(self._from_file)
        self.edit = QPushButton("Edit the numbers")
        self.edit.setAutoDefault(False)
        self.edit.setCheckable(True)
        self.edit.toggled.connect(self._show_form)
        row.addWidget(self.edit)
        self.body.addLayout(row)
        self._sentence = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.body.addWidget(self._sentence)
        self._file_trouble = TroubleCard()
        self._file_trouble.dismissed.connect(lambda: self._file_trouble.show_trouble(None))
        self.body.addWidget(self._file_trouble)
        self.form = ContractForm()
        self.form.hide()
        self.body.addWidget(self.form)

    # showing

    def _show(self) -> None:
        path, images = self._session.images_path, self._session.images
        self._name.setText(path.name if path else "No images: speed only, accuracy not checked")
        self.remove.setVisible(path is not None)
        self._trouble.show_trouble(self._session.troubles.at("images"))
        self._show_thumbnails(images)
        self._show_facts(images)
        self._fill_preparations()
        prepared = images is not None and images.examination.contract is not None
        for widget in (self._heading, self.preparation, self._from_file, self.edit, self.use):
            widget.setVisible(prepared)
        self._sentence.setVisible(prepared)
        self.fit()

    def _show_thumbnails(self, images: OpenImages | None) -> None:
        while (item := self._thumbnails.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if images is None:
            return
        for name in images.examination.thumbnails:
            picture = QPixmap(str(images.folder / name))
            label = QLabel()
            label.setAccessibleName("An image of the set")
            label.setPixmap(
                picture.scaled(
                    _THUMBNAIL,
                    _THUMBNAIL,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
            self._thumbnails.addWidget(label)
        self._thumbnails.addStretch(1)

    def _show_facts(self, images: OpenImages | None) -> None:
        self._facts.clear()
        self._facts.setVisible(images is not None)
        if images is None:
            return
        found = images.examination
        chip = "labels" if found.labelled else "no labels"
        self._facts.add("Found", found.sentence, chip, "good" if found.labelled else "warn")
        self._facts.add("Judged as", self._session.accuracy.sentence)
        for warning in found.warnings:
            self._facts.add("Note", warning)
        if found.origin:
            self._facts.add("Prepared as", found.origin)
        if len(found.table) > 1:
            best = found.table[:_MOST_TRIALS]
            self._facts.add("Tried", "\n".join(trial_words(trial) for trial in best))

    def _fill_preparations(self) -> None:
        images, model = self._session.images, self._session.model
        self.preparation.clear()
        self.preparation.addItem(_BEST)
        self._contracts = [None]
        if images is None or model is None or images.examination.contract is None:
            return
        found = images.examination
        try:
            self._contracts += contracts_for(model.graph.inputs[0].shape or (), found.task)
        except InputError:
            self._contracts.append(found.contract)
        for contract in self._contracts[1:]:
            assert contract is not None
            self.preparation.addItem(contract.name)
        given = self._session.contract
        if given is not None and given not in self._contracts:
            self._offer(given)
        self.preparation.setCurrentIndex(self._contracts.index(given))
        if (shown := given or found.contract) is not None:
            self._show_contract(shown)

    def _offer(self, contract: PreprocessingContract) -> None:
        self._contracts.append(contract)
        self.preparation.addItem(contract.name if contract.name != "custom" else _CUSTOM)
        self.preparation.setCurrentIndex(len(self._contracts) - 1)

    def _show_contract(self, contract: PreprocessingContract) -> None:
        self._sentence.setText(contract.sentence())
        self.form.show_contract(contract)

    def _show_form(self, shown: bool) -> None:
        self.form.setVisible(shown)
        self.fit()

    # choosing

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Choose images or tensors", "", "Zip files and tensors (*.zip *.npz *.npy)"
        )
        if path:
            self._session.add_images(Path(path))

    def _choose_folder(self) -> None:
        if path := QFileDialog.getExistingDirectory(self, "Choose a folder of images"):
            self._session.add_images(Path(path))

    def _pick(self, index: int) -> None:
        images = self._session.images
        contract = self._contracts[index] or (images.examination.contract if images else None)
        if contract is not None:
            self._show_contract(contract)

    def _load(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Choose a preparation", "", "JSON or TOML (*.json *.toml)"
        )
        if not path:
            return
        try:
            contract = read_contract(Path(path))
        except InputError as error:
            self._file_trouble.show_trouble(Trouble(error.what, error.why, error.remedy))
            return
        self._file_trouble.show_trouble(None)
        self._offer(contract)
        self._show_contract(contract)

    def _keep(self) -> None:
        chosen = self._contracts[self.preparation.currentIndex()]
        if self.edit.isChecked():
            edited = self.form.contract()
            if edited is None:
                return
            chosen = edited
        if chosen != self._session.contract:
            self._session.set_contract(chosen)
        self.accept()


def trial_words(trial: ContractTrial) -> str:
    """“ImageNet: 88.0 % of 128 images right”."""
    if trial.accuracy is None:
        return f"{trial.contract.name}: evidence {trial.evidence:.2f} on {trial.images} images"
    share = f"{trial.accuracy:.1%}".replace("%", " %")
    if trial.label:
        return f"{trial.contract.name}: {trial.label} {share} on {trial.images} images"
    return f"{trial.contract.name}: {share} of {trial.images} images right"
