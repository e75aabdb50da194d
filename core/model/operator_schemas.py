"""Writes the file of core.model.operator_docs: `python -m core.model.operator_schemas FILE`.

The texts come from the ONNX standard (Apache-2.0), the formal names of com.microsoft from ONNX
Runtime (MIT). Run it again when a newer onnx is pinned.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
# (onnx.defs and ONNX Runtime's extension come without types)

import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.model.attributes import plain

if TYPE_CHECKING:
    from onnx.defs import OpSchema

_DOMAINS = ("", "ai.onnx.ml", "ai.onnx.preview.training")
_CONTRIBUTED = "com.microsoft"
_PRESENCES = {0: "single", 1: "optional", 2: "variadic"}
_LONGEST = 2500
"""Characters of an operator's text; only loops and recurrent networks are longer."""
_LONGEST_PART = 400
_MARKUP = re.compile(r"<[^<>]{1,40}>|\*\*|`|\\(?=\")")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


def plain_text(markdown: str) -> str:
    """Markdown without its marks; lines of a paragraph are joined, lists and formulas stay."""
    lines: list[str] = []
    fenced = joins = False
    for line in _LINK.sub(r"\1", markdown).splitlines():
        words = _MARKUP.sub("", line).strip()
        if line.strip().startswith("```"):
            fenced, joins = not fenced, False
            continue
        item = words.startswith(("* ", "- ", "#")) or fenced
        words = words.lstrip("# ") if words.startswith("#") else words
        words = re.sub(r"^[*-] ", "• ", words)
        if joins and words and not item:
            lines[-1] += f" {words}"
        elif words or (lines and lines[-1]):
            lines.append(words)
        joins = bool(words) and not fenced
    return "\n".join(lines).strip()


def _clipped(markdown: str | None, longest: int) -> str:
    text = plain_text(markdown or "")
    return text if len(text) <= longest else f"{text[:longest].rsplit(' ', 1)[0]} …"


def _schemas() -> "Iterator[OpSchema]":
    from onnx import defs
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    for schema in defs.get_all_schemas_with_history():
        if schema.domain in _DOMAINS:
            yield schema
    for schema in runtime.get_all_operator_schema():
        if schema.domain == _CONTRIBUTED:
            yield schema


def _row(schema: "OpSchema") -> list[Any]:
    return [
        schema.since_version,
        int(schema.deprecated),
        _clipped(schema.doc, _LONGEST),
        [_attribute(schema.attributes[name]) for name in sorted(schema.attributes)],
        _ports(schema.inputs),
        _ports(schema.outputs),
    ]


def _attribute(attribute: Any) -> list[Any]:
    text = _clipped(attribute.description, _LONGEST_PART)
    return [attribute.name, attribute.required, _default(attribute), text]


def _default(attribute: Any) -> str:
    from core.model.attributes import attribute_texts

    value = getattr(attribute, "default_value", None)
    if value is None or not value.type:
        return ""

    class Node:
        attribute = (value,)

    return plain(next(iter(attribute_texts(Node()).values())))  # pyright: ignore[reportArgumentType]  # it only reads `attribute`


def _ports(ports: Sequence[Any]) -> list[list[str]]:
    return [
        [
            port.name,
            _PRESENCES[int(getattr(port.option, "value", port.option))],
            _clipped(port.description, _LONGEST_PART),
        ]
        for port in ports
    ]


def _rows(schemas: "Iterable[OpSchema]") -> dict[str, list[list[Any]]]:
    rows: dict[str, list[list[Any]]] = defaultdict(list)
    for schema in schemas:
        rows[f"{schema.domain}/{schema.name}"].append(_row(schema))
    return {name: sorted(rows[name], key=lambda row: row[0]) for name in sorted(rows)}


def main(target: Path) -> None:
    text = json.dumps(_rows(_schemas()), ensure_ascii=False, separators=(",", ":"))
    target.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
