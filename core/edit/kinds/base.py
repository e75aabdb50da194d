"""What an edit is: data that says what to change, and checks it against the model first."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Parameter, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft


@dataclass(frozen=True)
class Flag:
    """A shortcut on the command line; it may be given several times."""

    name: str
    """With its dashes."""
    metavar: str
    help: str
    make: "Callable[[str], Edit]"
    """Reads what stands behind the flag; raises ValueError with a sentence."""


@dataclass(frozen=True)
class Offer:
    """An edit that a person can make here: its place in a menu, and its form."""

    label: str
    """For a menu; ends with “…” where there is a form."""
    about: str
    """What will happen, in a sentence or two."""
    make: "Callable[[Mapping[str, Value]], Edit]"
    """Takes the form's values by name; raises ValueError with a sentence."""
    parameters: tuple[Parameter, ...] = ()


class Edit(BaseModel, ABC):
    """One change of a model. A new one is one new file in this folder with one subclass.

    Each subclass has a field `kind` that can only be its name, for files. Layers are named by
    their LayerId in the model that was opened, tensors by the name that they have by then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    flags: ClassVar[tuple[Flag, ...]] = ()

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        """What menus show for a layer, or for the model where none is meant."""
        return ()

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What it does, for the history: “Rename layer conv1 to stem”."""

    @abstractmethod
    def problems(self, draft: "Draft") -> Iterator[Problem]:
        """Everything that stands in its way. Changes nothing."""

    @abstractmethod
    def apply(self, draft: "Draft") -> None:
        """Change the draft; only called where there are no problems."""

    def joined(self, following: "Edit") -> "Edit | None":
        """One edit for this and the one given right after it, where two flags say one thing."""
        return None


def pair(text: str) -> tuple[str, str]:
    """“left=right”; raises ValueError."""
    left, sign, right = text.rpartition("=")
    if not sign or not left or not right:
        raise ValueError(f"“{text}” has not the form OLD=NEW")
    return left, right


def unknown_layer(draft: "Draft", layer: str, field: str = "layer") -> Problem | None:
    """The problem that there is no such layer, or None."""
    if draft.index_of(layer) is not None:
        return None
    return Problem(
        field=field,
        what=f"There is no layer “{layer}”.",
        remedy="Name a layer of the model; “edgewright inspect” and the graph show them.",
    )


def unknown_tensor(draft: "Draft", tensor: str, field: str = "tensor") -> Problem | None:
    """The problem that there is no such tensor, or None."""
    if draft.makes(tensor):
        return None
    return Problem(
        field=field,
        what=f"There is no tensor “{tensor}”.",
        remedy="Name a tensor that a layer makes or takes, as the graph shows it.",
    )


def taken_name(draft: "Draft", name: str, field: str = "to") -> Iterator[Problem]:
    """What is wrong with a new tensor name."""
    if not name.strip() or not name.isprintable():
        yield Problem(
            field=field,
            what="A name cannot be empty or hold control characters.",
            remedy="Give a name of letters, digits and signs.",
        )
    elif name in draft.taken_names:
        yield Problem(
            field=field,
            what=f"The model has a tensor called “{name}” already.",
            remedy="Choose a name that is still free.",
        )
