"""Parses protobuf's text form without a schema: `name: value` and `name { … }`.

Form: https://protobuf.dev/reference/protobuf/textformat-spec.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Union

_DEEPEST = 100
_TOKEN = re.compile(
    r"\s+|\#[^\n]*|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<word>[A-Za-z_][\w./]*|[-+]?[\w.+-]+|\[[\w./]+\])|(?P<sign>[{}<>:;,\[\]-])"
)
_ESCAPES: Mapping[str, str] = {"n": "\n", "t": "\t", "r": "\r"}

Message = dict[str, list[Union[str, "Message"]]]
"""Each field's values in order; a value is text or another message."""


class BrokenText(ValueError):
    """It is no protobuf text; the sentence says where that shows."""


def parse(text: str) -> Message:
    """Raises BrokenText."""
    return _Parser(text).message(0)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._next = next(self._tokens, "")

    def message(self, depth: int) -> Message:
        """Fields up to the end of the message; its closing bracket stays."""
        if depth > _DEEPEST:
            raise BrokenText("Its parts are nested without end.")
        found: Message = {}
        while self._next not in ("", "}", ">"):
            name = self._take()
            found.setdefault(name, []).extend(self._values(depth))
        if depth == 0 and self._next:
            raise BrokenText(f"“{self._next}” closes what was not opened.")
        return found

    def _values(self, depth: int) -> "list[str | Message]":
        self._skip(":")
        if self._next != "[":
            return [self._value(depth)]
        self._take()
        values: list[str | Message] = []
        while not self._skip("]"):
            values.append(self._value(depth))
            self._skip(",")
        self._skip(",", ";")
        return values

    def _value(self, depth: int) -> "str | Message":
        if self._next in ("{", "<"):
            self._take()
            inner = self.message(depth + 1)
            if not self._next:
                raise BrokenText("It ends in the middle of a part.")
            self._take()
            self._skip(",", ";")
            return inner
        if self._next in ("", "}", ">", "]", ":"):
            raise BrokenText(f"A value is missing before “{self._next or 'the end'}”.")
        value = self._literal()
        self._skip(",", ";")
        return value

    def _literal(self) -> str:
        """A word, a number, or texts that follow each other and are one."""
        token = self._take()
        if token == "-":
            return token + self._take()
        if token[0] not in "\"'":
            return token
        text = _unquoted(token)
        while self._next[:1] in ("'", '"') and self._next:
            text += _unquoted(self._take())
        return text

    def _skip(self, *signs: str) -> bool:
        """Step over one of these signs; whether there was one."""
        found = self._next in signs
        if found:
            self._take()
        return found

    def _take(self) -> str:
        token = self._next
        if not token:
            raise BrokenText("It ends in the middle of a part.")
        self._next = next(self._tokens, "")
        return token

    def _split(self) -> Iterator[str]:
        at = 0
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None:
                line = self._text.count("\n", 0, at) + 1
                raise BrokenText(f"Line {line} cannot be understood.")
            at = match.end()
            if match.lastgroup:
                yield match[0]


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), token[1:-1])


def text_of(message: Message, name: str, default: str = "") -> str:
    """The last value of a field, where it is text."""
    values = message.get(name, [])
    return values[-1] if values and isinstance(values[-1], str) else default


def texts_of(message: Message, name: str) -> list[str]:
    """All values of a field that are text."""
    return [value for value in message.get(name, []) if isinstance(value, str)]


def messages_of(message: Message, name: str) -> list[Message]:
    """All values of a field that are messages."""
    return [value for value in message.get(name, []) if not isinstance(value, str)]


def flattened(message: Message, prefix: str = "") -> dict[str, str]:
    """Every value as text, inner fields after a dot, repeated ones between commas."""
    found: dict[str, str] = {}
    for name, values in message.items():
        texts = [value for value in values if isinstance(value, str)]
        if texts:
            found[prefix + name] = ", ".join(texts[:16])
        for value in values:
            if not isinstance(value, str):
                found |= flattened(value, f"{prefix}{name}.")
    return found
