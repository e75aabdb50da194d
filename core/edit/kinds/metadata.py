"""Sets or removes an entry of the model's metadata."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer, pair
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Text, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft


class SetMetadata(Edit):
    name: ClassVar[str] = "metadata"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--set-metadata",
            "KEY=VALUE",
            "set an entry of the model's metadata",
            lambda text: SetMetadata(key=pair(text)[0], value=pair(text)[1]),
        ),
        Flag(
            "--remove-metadata",
            "KEY",
            "remove an entry of the model's metadata",
            lambda text: SetMetadata(key=text, value=None),
        ),
    )

    kind: Literal["metadata"] = "metadata"
    key: str
    value: str | None
    """None removes the entry."""

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        if layer is not None:
            return ()

        def make(values: Mapping[str, Value]) -> Edit:
            key, value = str(values["key"]).strip(), str(values["value"])
            return cls(key=key, value=value or None)

        fields = (
            Text("key", "Key", "An existing one or a new one.", default=""),
            Text("value", "Value", "Empty removes the entry.", default=""),
        )
        return (Offer("Metadata…", "A note that travels with the model file.", make, fields),)

    @property
    def sentence(self) -> str:
        if self.value is None:
            return f"Remove the metadata {self.key}"
        return f"Set the metadata {self.key}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if not self.key.strip():
            yield Problem(field="key", what="The entry has no key.", remedy="Give it a key.")
        elif self.value is None and all(e.key != self.key for e in draft.model.metadata_props):
            yield Problem(
                field="key",
                what=f"The model has no metadata “{self.key}”.",
                remedy="Name an entry that it has.",
            )

    def apply(self, draft: "Draft") -> None:
        entries = draft.model.metadata_props
        for entry in [each for each in entries if each.key == self.key]:
            entries.remove(entry)
        if self.value is not None:
            entry = entries.add()
            entry.key, entry.value = self.key, self.value
