"""The advisor: a question about the open model and a device, and the answer as it is typed."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from core.devices.profile import DeviceProfile
from core.jobs.events import Failed
from core.search.advisor.advice import Action, Advice
from gui.devices.advisor_acts import AdvisorActs
from gui.devices.advisor_answer import AdviceView
from gui.devices.advisor_form import AdvisorForm
from gui.devices.advisor_target import Asked, finding_device
from gui.dialogs.sheet import Sheet
from gui.jobs import Errand
from gui.panels.scrolled import scrolled
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.session import Session
from gui.trouble import trouble_of

_SENTENCE = (
    "What suits this model on a device, and whether it can keep up: rules with their evidence, and "
    "a forecast. Nothing here is measured; Undo takes back what you apply."
)
_NO_DEVICE = "Choose a device: every answer is about one."
_NO_MODEL = "Open a model first."
_WAITING = "Working it out…"
_CALM_MS = 120
"""So long nothing may change before the answer is worked out anew."""
_HIGHEST = 460


class AdvisorDialog(Sheet):
    """Stays beside the window, so that the graph shows what is applied."""

    device_wanted = Signal()
    """Another device shall be chosen."""
    sizes_wanted = Signal()
    """The sizes of the inputs shall be asked for."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Advisor", _SENTENCE, parent, 900, grows=True)
        self._session = session
        self._newest: object = None
        self._profile: DeviceProfile | None = None
        self.view: AdviceView | None = None
        self.form = AdvisorForm()
        self.form.device_wanted.connect(self.device_wanted)
        self.form.changed.connect(self._ask_soon)
        self.form.mode_picked.connect(self._ask_soon)
        self.body.addWidget(self.form)
        self._build_answer()
        self._acts = AdvisorActs(session)
        self._acts.sizes_wanted.connect(self.sizes_wanted)
        self._acts.refused.connect(self._refuse)
        self.add_cancel("Close")
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(self._ask)
        self.finished.connect(self._forget)
        session.model_changed.connect(self._ask_soon)
        session.target.changed.connect(self._find_device)
        session.device_changed.connect(self._find_device)
        session.editor.changed.connect(self._show_applied)
        self.form.begin_with(session.goal)
        self.form.show_device(None, None)
        self._show_state(_WAITING)
        self._find_device()

    def _build_answer(self) -> None:
        self.state = Text(tone="dim", overflow="wrap")
        self.body.addWidget(self.state)
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(lambda: self.trouble.show_trouble(None))
        self.body.addWidget(self.trouble)
        self._page = scrolled()
        self._page.setMinimumHeight(_HIGHEST)
        self.body.addWidget(self._page, 1)

    # asking

    def _find_device(self) -> None:
        """Read the profile on another thread, then ask."""
        errand = Errand(finding_device(self._session))
        self._newest = errand
        errand.done.connect(lambda found: self._take_device(errand, found))
        errand.failed.connect(lambda failed: self._lack_device(errand, failed))
        errand.start()

    def _take_device(self, errand: object, found: Asked | None) -> None:
        if errand is self._newest:
            self._profile, mode = found or (None, None)
            self.form.show_device(self._profile, mode)
            self._ask()

    def _lack_device(self, errand: object, failed: Failed) -> None:
        if errand is self._newest:
            self._profile = None
            self.form.show_device(None, None)
            self.trouble.show_trouble(trouble_of(failed))
            self._ask()

    def _ask_soon(self) -> None:
        self._calm.start()

    def _ask(self) -> None:
        """Work the answer out on another thread: it takes tenths of a second."""
        model, profile = self._session.model, self._profile
        if model is None or profile is None:
            self._show_state(_NO_MODEL if model is None else _NO_DEVICE)
            return
        graph, question = model.graph, self.form.question()

        def work() -> Advice:
            from core.search.advisor import advise

            return advise(graph, profile, question)

        errand = Errand(work)
        self._newest = errand
        errand.done.connect(lambda advice: self._take(errand, advice))
        errand.failed.connect(lambda failed: self._fail(errand, failed))
        errand.start()

    def _forget(self) -> None:
        """Answers that come later have nowhere to go."""
        self._newest = None
        self._calm.stop()

    def _take(self, errand: object, advice: Advice) -> None:
        if errand is not self._newest:
            return
        self._show_state("")
        self.trouble.show_trouble(None)
        if self.view is None or self.view.advice != advice:
            self._show(advice)

    def _fail(self, errand: object, failed: Failed) -> None:
        if errand is self._newest:
            self._show_state("")
            self.trouble.show_trouble(trouble_of(failed))

    # showing

    def _show_state(self, words: str) -> None:
        self.state.setText(words)
        self.state.setVisible(bool(words))

    def _show(self, advice: Advice) -> None:
        bar = self._page.verticalScrollBar()
        place = bar.value()
        self.view = AdviceView(advice)
        self.view.wanted.connect(self._apply)
        self._page.setWidget(self.view)
        self._show_applied()
        bar.setValue(place)

    def _apply(self, action: Action) -> None:
        self.trouble.show_trouble(None)
        self._acts.do(action)

    def _show_applied(self) -> None:
        for button in self.view.buttons if self.view else ():
            if button.action_ is not None:
                button.show_applied(applied=self._acts.is_done(button.action_))

    def _refuse(self, failed: Failed) -> None:
        """The model cannot take an edit."""
        self.trouble.show_trouble(trouble_of(failed))
