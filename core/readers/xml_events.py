"""Reads XML as a stream, without ever expanding an entity."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree
from xml.parsers import expat

_PROLOG = 1 << 16
"""Bytes before which the first element must come."""
_DEEPEST = 200


class BrokenXml(ValueError):
    """It is no XML that may be read; the text says why."""


def root_of(start: bytes) -> tuple[str, dict[str, str]]:
    """Name and attributes of the first element of a file that begins with `start`.

    Raises BrokenXml for what is no XML, and for a document type: it is where entities are defined
    that grow without end, and no model needs one.
    """
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()

    def element(name: str, attributes: dict[str, str]) -> None:
        if not found:
            found.append((name, attributes))

    def doctype(*_: object) -> None:
        raise BrokenXml("It defines a document type, which no model needs.")

    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(start[:_PROLOG], False)
    except expat.ExpatError as error:
        if not found:
            raise BrokenXml(f"It is no XML: {error}.") from error
    if not found:
        raise BrokenXml("It has no element.")
    return found[0]


def events(file: BinaryIO) -> Iterator[tuple[bool, ElementTree.Element]]:
    """Each element when it begins (True) and when it ends (False). Raises BrokenXml."""
    root_of(file.read(_PROLOG))
    file.seek(0)
    depth = 0
    try:
        for event, element in ElementTree.iterparse(file, ("start", "end")):
            starts = event == "start"
            depth += 1 if starts else -1
            if depth > _DEEPEST:
                raise BrokenXml("Its elements are nested without end.")
            yield starts, element
    except ElementTree.ParseError as error:
        raise BrokenXml(f"{str(error).capitalize()}.") from error


def begins_with_element(path: Path, name: str) -> bool:
    """Whether a file is XML whose first element has this name. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(_PROLOG)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return False
    try:
        return root_of(start)[0] == name
    except BrokenXml:
        return False
