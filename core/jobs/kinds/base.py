"""What a kind of job is: a request type, an outcome type, and work that reports as it goes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

from core.plain import Data

RequestT = TypeVar("RequestT", bound=Data)
OutcomeT = TypeVar("OutcomeT", bound=Data)


class JobContext(ABC):
    """What running work may use: its folder, and the way to tell the outside how it goes.

    Every method raises JobCancelled once the person stopped the job.
    """

    folder: Path
    """The run's own folder, still called NAME.partial; files go here."""

    @property
    @abstractmethod
    def scratch(self) -> Path:
        """A folder in it for files that the finished run does not keep."""

    @abstractmethod
    def secret(self, purpose: str) -> str | None:
        """The password that the person gave for this, if any; it is in memory only."""

    @abstractmethod
    def step(self, title: str, weight: float = 1.0) -> None:
        """Begin the next of the announced steps."""

    @abstractmethod
    def progress(self, done: float, total: float, text: str = "", unit: str = "") -> None:
        """How far the current step is; cheap, may be called often (events are thinned out)."""

    @abstractmethod
    def note(self, text: str, level: Literal["info", "warning"] = "info") -> None: ...

    @abstractmethod
    def artifact(self, name: str, path: Path) -> None:
        """Announce a file in the run's folder; it has been flushed to disk when this returns."""

    @abstractmethod
    def measured(self, what: str, result: Data, title: str = "") -> None:
        """Save a result under results/ of the run's folder, flush it, then announce it.

        `what` is its key, `title` what people read.
        """

    @abstractmethod
    def check_cancelled(self) -> None:
        """Raises JobCancelled when the person stopped the job."""


class JobKind(ABC, Generic[RequestT, OutcomeT]):
    """One kind of job. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    title: ClassVar[str]
    """For people, while it runs: “Optimizing”."""
    request_type: ClassVar[type[Any]]
    """A type of Data, as is the next."""
    outcome_type: ClassVar[type[Any]]

    def steps(self, request: RequestT) -> Sequence[tuple[str, float]]:
        """The steps to come: title and expected share of the time (any unit)."""
        return ((self.title, 1.0),)

    def warm_up(self) -> None:
        """Import what `run` needs. A worker that waits for its job does this beforehand."""

    @abstractmethod
    def run(self, request: RequestT, context: JobContext) -> OutcomeT:
        """Do the work in the worker process. Raises UserError or JobCancelled."""


AnyJobKind = JobKind[Any, Any]
