"""What a doctor is, what it may use, and what it hands back: findings, each with its remedies."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.contract import PreprocessingContract
from core.jobs.kinds.base import JobContext
from core.model.graph import LayerId
from core.plan.plan import CompressionPlan
from core.search.images import PreparedImages
from core.search.request import OptimizeRequest
from core.search.setting import Setting


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DoctorRequest(_Part):
    """Which model, on which images, compressed how, and who shall look."""

    model: Path
    data: Path
    contract: PreprocessingContract | None = None
    """How images are prepared now; None takes what the presets come to."""
    plan: CompressionPlan | None = None
    """How the model was compressed, or shall be; None takes plain INT8 for whoever needs a plan."""
    compressed: Path | None = None
    """The compressed model itself, where there is a file of it."""
    which: tuple[str, ...] = Field(default=("preprocessing", "accuracy", "overflow"), min_length=1)
    """Names of doctors."""
    images: int = Field(default=64, ge=1)
    """The most that a doctor looks at."""
    cache: Path | None = None
    """Where figures of layers are kept for the next time; None takes the user's own folder."""


class Remedy(_Part):
    """One thing that can be done about a finding, ready to be applied."""

    label: str
    """An instruction: “Keep “stem/Conv” in FP32”."""
    effect: str
    """What it changes, in words."""
    basis: Literal["measured", "predicted"]
    """Where the effect is known from."""
    plan: CompressionPlan | None = None
    """The whole plan with the remedy in it."""
    contract: PreprocessingContract | None = None
    """The contract to use from now on."""


class Finding(_Part):
    """One trouble at one place."""

    title: str
    layer: LayerId | None = None
    """None where it concerns the whole model."""
    tensor: str = ""
    """The one at fault, where it is one."""
    facts: tuple[str, ...] = ()
    """Sentences with figures; all of them are measured on the given images."""
    remedies: tuple[Remedy, ...] = ()
    """The most effective first."""


class Table(_Part):
    """Everything that was looked at, for people."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Diagnosis(_Part):
    """What one doctor says."""

    doctor: str
    label: str
    healthy: bool
    """Whether nothing needs to be done."""
    sentence: str
    findings: tuple[Finding, ...] = ()
    """The most important first."""
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be looked at, and what to bear in mind."""


class DoctorReport(_Part):
    """What all the doctors that were asked say."""

    model_name: str
    diagnoses: tuple[Diagnosis, ...]


@dataclass(frozen=True)
class Patient:
    """What a doctor may look at. What is slow to get is got when it is first asked for."""

    request: DoctorRequest
    context: JobContext

    @cached_property
    def setting(self) -> Setting:
        """The model's working copy and graph, and the prepared images. Raises UserError."""
        from core.search.setting_up import set_up

        asked = OptimizeRequest(
            model=self.request.model, data=self.request.data, contract=self.request.contract
        )
        return set_up(asked, self.context)

    @property
    def images(self) -> PreparedImages:
        images = self.setting.images
        assert images is not None, "a request has data, so there are images"
        return images


class Doctor(ABC):
    """One kind of trouble. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    """For flags: one lower-case word."""
    label: ClassVar[str]
    """For people: “Preprocessing doctor”."""
    question: ClassVar[str]
    """What it answers: “Are images prepared as the model was trained?”"""
    order: ClassVar[int]
    """Who is asked first: a cause that explains more than others comes before them."""
    step: ClassVar[str]
    """What is on screen while it works."""
    needs_images: ClassVar[bool] = True
    """Whether it asks for the patient's setting, which takes time to get ready."""

    @abstractmethod
    def examine(self, patient: Patient) -> Diagnosis:
        """Look, say what is wrong, and what mends it. Raises UserError and JobCancelled."""
