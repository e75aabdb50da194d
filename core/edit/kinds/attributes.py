"""Changes attributes of a layer, as its operator allows."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import model_validator

from core.edit.attribute_values import AttributeValue, expected_types, read_value, type_words
from core.edit.kinds.base import Edit, Flag, Offer, unknown_layer
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Text, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft

_MORE = "+"
"""Field for an attribute that the layer does not have yet."""


def _from_flag(text: str) -> Edit:
    layer, sign, rest = text.rpartition(":")
    if not sign or not layer:
        raise ValueError(f"“{text}” has not the form LAYER:NAME=VALUE")
    name, value = _name_and_value(rest)
    return ChangeAttributes(layer=layer, values={name: value or None})


class ChangeAttributes(Edit):
    name: ClassVar[str] = "attributes"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--set-attribute",
            "LAYER:NAME=VALUE",
            "change an attribute of a layer; an empty value takes it away",
            _from_flag,
        ),
    )

    kind: Literal["attributes"] = "attributes"
    layer: str
    values: Mapping[str, AttributeValue]
    """Attribute to its new value, or to None to take it away. Text is read as the operator asks."""

    @model_validator(mode="after")
    def _check_that_something_changes(self) -> "ChangeAttributes":
        if not self.values:
            raise ValueError("no attribute is changed")
        return self

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        if layer is None:
            return ()
        shown = {name: text for name, text in layer.attributes.items() if _is_editable(text)}

        def make(values: Mapping[str, Value]) -> Edit:
            changed: dict[str, AttributeValue] = {
                name: str(values[name]) or None
                for name in shown
                if str(values[name]) != shown[name]
            }
            if more := str(values[_MORE]).strip():
                name, text = _name_and_value(more)
                changed[name] = text or None
            if not changed:
                raise ValueError("No attribute was changed.")
            return cls(layer=layer.id, values=changed)

        help_text = "Lists with commas; empty takes the attribute away."
        fields = [Text(name, name, help_text, default=text) for name, text in shown.items()]
        more = Text(_MORE, "One more", "NAME=VALUE, for one that it does not have yet.", default="")
        about = f"Attributes of {layer.operator}. {help_text}"
        return (Offer("Change attributes…", about, make, (*fields, more)),)

    @property
    def sentence(self) -> str:
        words = (
            f"{name} to {_shown(value)}" if value is not None else f"{name} to its default"
            for name, value in self.values.items()
        )
        return f"Set {', '.join(words)} in {self.layer}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if (unknown := unknown_layer(draft, self.layer)) is not None:
            yield unknown
            return
        node = draft.node(self.layer)
        known = expected_types(node, draft.opset_of(node.domain))
        present = {entry.name: entry.type for entry in node.attribute}
        for name, value in self.values.items():
            field = f"values.{name}"
            if known is not None and name not in known:
                yield Problem(
                    field=field,
                    what=f"{node.op_type} has no attribute “{name}”.",
                    remedy=f"Its attributes are: {', '.join(sorted(known)) or 'none'}.",
                )
                continue
            required = known is not None and known[name].required
            if value is None and (required or name not in present):
                why = "needs" if required else "does not have"
                yield Problem(
                    field=field,
                    what=f"Layer “{self.layer}” {why} the attribute “{name}”.",
                    remedy="Give it a value." if required else "Name an attribute that it has.",
                )
                continue
            wanted = known[name].type if known is not None else present.get(name)
            try:
                read_value(name, value, wanted)
            except ValueError:
                yield Problem(
                    field=field,
                    what=f"“{_shown(value)}” is no value for “{name}”.",
                    remedy=f"Give {type_words(wanted)}.",
                )

    def apply(self, draft: "Draft") -> None:
        from core.edit.shapes import infer_again

        node = draft.node(self.layer)
        known = expected_types(node, draft.opset_of(node.domain))
        for name, value in self.values.items():
            present = next((entry for entry in node.attribute if entry.name == name), None)
            wanted = known[name].type if known is not None else present and present.type
            made = read_value(name, value, wanted)
            if present is not None:
                node.attribute.remove(present)
            if made is not None:
                node.attribute.append(made)
        if known is not None:
            infer_again(draft)
        draft.touch()


def _is_editable(text: str) -> bool:
    """Whether the graph shows the whole value, and it is none that cannot be typed."""
    return not text.endswith("…") and "… (" not in text and not text.startswith("graph of ")


def _name_and_value(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ValueError(f"“{text}” has not the form NAME=VALUE.")
    return name.strip(), value.strip()


def _shown(value: AttributeValue) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    return str(value)
