"""Preprocessing doctor: whether images are prepared in the way that the model was trained with."""

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from core.data.contract_search import ContractSearch, search_contracts
from core.data.contract_trials import Trier, trier_for
from core.doctors.base import Diagnosis, Doctor, Finding, Patient, Remedy, Table
from core.errors import InputError

if TYPE_CHECKING:
    from core.data.contract import PreprocessingContract
    from core.data.datasets.base import OpenDataset
    from core.runtimes.base import Session

SHOWN = 24
"""Rows of the table."""


class PreprocessingDoctor(Doctor):
    """Searches for a contract that does clearly better than the current one."""

    name: ClassVar[str] = "preprocessing"
    label: ClassVar[str] = "Preprocessing doctor"
    question: ClassVar[str] = "Are images prepared as the model was trained with?"
    order: ClassVar[int] = 10
    step: ClassVar[str] = "Trying ways to prepare images"
    needs_images: ClassVar[bool] = False

    def examine(self, patient: Patient) -> Diagnosis:
        from core.data import open_dataset
        from core.formats import check_runnable_onnx, metadata_of
        from core.plan.plan import RuntimeChoice
        from core.runtimes import runtimes

        dataset = open_dataset(patient.request.data)
        if dataset.holds == "tensors":
            return self._nothing("The data are tensors, which the model takes as they are.")
        model = patient.request.model
        check_runnable_onnx(model)
        choice = RuntimeChoice(runtime="onnxruntime")
        with closing(runtimes()["onnxruntime"].compile(model, choice)) as session:
            return self._examine(patient, dataset, session, metadata_of(model))

    def _examine(
        self,
        patient: Patient,
        dataset: "OpenDataset",
        session: "Session",
        metadata: Mapping[str, str],
    ) -> Diagnosis:
        from core.data.classifier import fitting_contracts, image_input
        from core.data.finding import find_contract
        from core.data.splitting import spread

        port = image_input(session)
        samples = spread(dataset.samples)[: patient.request.images]
        if not samples:
            raise InputError("There are no images.", "The data set is empty.", "Add images.")
        given = patient.request.contract
        found, _ = find_contract(dataset, session, given, patient.context.progress, metadata)
        current = found.contract
        trier = trier_for(dataset, samples, session, current, metadata)
        if trier is None:
            return self._nothing(
                "Without labels nothing tells right from wrong preprocessing for a model of this "
                "kind. Add labels, or compare with the model's documentation."
            )
        presets = [one for one in fitting_contracts(port) if _same_frame(one, current)]
        search = search_contracts(trier, current, presets, patient.context.progress)
        return self._diagnosis(search, trier, given is not None)

    def _nothing(self, sentence: str) -> Diagnosis:
        return Diagnosis(doctor=self.name, label=self.label, healthy=True, sentence=sentence)

    def _diagnosis(self, search: ContractSearch, trier: Trier, given: bool) -> Diagnosis:
        count = search.ways
        whose = "The current preprocessing" if given else "The preset that was chosen"
        if not search.better:
            sentence = (
                f"{whose} looks right: of {count} ways to prepare images, none does clearly better "
                f"on {search.current.images} images, by {trier.basis}."
            )
        else:
            sentence = (
                f"{whose} {_verdict(search)}. Another one does better on {search.best.images} "
                f"images, by {trier.basis}: {gain_words(search)}. Mend this first: it costs "
                "accuracy before anything is compressed."
            )
        return Diagnosis(
            doctor=self.name,
            label=self.label,
            healthy=not search.better,
            sentence=sentence,
            findings=(_finding(search, trier),) if search.better else (),
            tables=(_table(search, trier),),
            notes=() if trier.unit == "points" else (_NO_LABELS,),
        )


_NO_LABELS = (
    "There are no labels, so this is judged by the answers alone: sure of single images, varied "
    "over all, and the same when an image is mirrored or moved. Check it against the model's "
    "documentation."
)


def _verdict(search: ContractSearch) -> str:
    return "looks wrong" if search.gain.low > 0 else "may not be quite right"


def gain_words(search: ContractSearch) -> str:
    """“38.0 points more (25.1 to 50.2)”."""
    gain, unit = search.gain, search.unit
    form = ".1f" if unit == "points" else ".2f"
    return f"{gain.value:{form}} {unit} more ({gain.low:{form}} to {gain.high:{form}})"


def _finding(search: ContractSearch, trier: Trier) -> Finding:
    best, current = search.best, search.current
    return Finding(
        title="Images are prepared in another way than the model seems to expect",
        facts=(
            f"Now: {current.contract.sentence()}. {_said(current.words, trier)}",
            f"Better: {best.contract.sentence()}. {_said(best.words, trier)}",
            *differences(current.contract, best.contract),
        ),
        remedies=(
            Remedy(
                label="Prepare images in the better way",
                effect=f"{gain_words(search)} on the same {best.images} images",
                basis="measured",
                contract=best.contract,
            ),
        ),
    )


def differences(before: "PreprocessingContract", after: "PreprocessingContract") -> tuple[str, ...]:
    """What changes, a sentence for each field: “Order of colours: BGR becomes RGB.”"""
    rows = (
        ("Order of colours", before.colour, after.colour),
        ("Layout", before.layout, after.layout),
        ("Pixels are multiplied by", f"{before.scale:.4g}", f"{after.scale:.4g}"),
        ("Mean", _numbers(before.mean), _numbers(after.mean)),
        ("Standard deviation", _numbers(before.std), _numbers(after.std)),
        ("Resizing", before.resize, after.resize),
        ("Short side before the crop", _margin(before), _margin(after)),
        ("Interpolation", before.interpolation, after.interpolation),
    )
    return tuple(f"{what}: {old} becomes {new}." for what, old, new in rows if old != new)


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _margin(contract: "PreprocessingContract") -> str:
    return str(contract.resize_to or min(contract.width, contract.height))


def _said(words: tuple[str, ...], trier: Trier) -> str:
    return "; ".join(f"{name}: {word}" for name, word in zip(trier.columns, words, strict=True))


def _table(search: ContractSearch, trier: Trier) -> Table:
    rows: list[tuple[str, ...]] = []
    for one in search.tried[:SHOWN]:
        role = "current" if one is search.current else "best" if one is search.best else ""
        rows.append((one.contract.sentence(), role, *one.words, str(one.images)))
    left = search.ways - len(rows)
    title = "What was tried, the best first, measured with 95 % intervals"
    return Table(
        title=f"{title}; {left} more came to the same or did worse" if left > 0 else title,
        header=("Preparation", "", *trier.columns, "Images"),
        rows=tuple(rows),
    )


def _same_frame(one: "PreprocessingContract", other: "PreprocessingContract") -> bool:
    """Whether both make tensors of the same shape."""
    frames = ((c.width, c.height, c.layout, c.channels) for c in (one, other))
    return len(set(frames)) == 1
