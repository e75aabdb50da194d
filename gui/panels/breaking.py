"""Where long words may break: names from models have no spaces, and panels are narrow."""

import re

_MARK = "\u200b"
"""A place where a line may end; it has no width and is not seen."""
_LONGEST = 14
"""Words up to this many characters stay whole."""
_LONG_WORD = re.compile(rf"[^\s]{{{_LONGEST + 1},}}")
_JOINT = re.compile(r"(?<=[/\\._×*+,:;()\[\]-])(?=[\w(])")
_REST = re.compile(rf"[^\s{_MARK}]{{{_LONGEST}}}(?=[^\s{_MARK}])")


def breakable(text: str) -> str:
    """The same to the eye: long words may break after their signs, and at the latest anywhere."""
    return _LONG_WORD.sub(_with_marks, text)


def whole(text: str) -> str:
    """What was given to `breakable`."""
    return text.replace(_MARK, "")


def _with_marks(word: re.Match[str]) -> str:
    return _REST.sub(rf"\g<0>{_MARK}", _JOINT.sub(_MARK, word[0]))
