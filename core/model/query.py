"""The words with which people look for layers: “conv op:Add,Mul params>1M -scope:head”.

Every word must fit. A plain word is looked for in all that a layer says of itself; `field:text`
looks in one field, where commas separate alternatives; `field>number` compares, with k, M, G or T
behind the number; `attr:name>number` compares an attribute. A minus in front turns a word around,
quotation marks keep blanks together. What fits none of this is a plain word, so nothing is wrong.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

Field: TypeAlias = Literal[
    "any", "name", "op", "dtype", "precision", "shape", "attr", "scope", "tensor"
]
Comparison: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]

_FIELDS: dict[str, Field] = {
    "name": "name",
    "op": "op",
    "operator": "op",
    "type": "op",
    "dtype": "dtype",
    "precision": "precision",
    "weights": "precision",
    "shape": "shape",
    "attr": "attr",
    "attribute": "attr",
    "scope": "scope",
    "in": "scope",
    "tensor": "tensor",
}
_TEXT_FIELDS = ", ".join(f"{name}:" for name in ("op", "name", "scope", "shape", "dtype"))
HINT = f"{_TEXT_FIELDS}, precision:, attr:, tensor:, params>1M, ops>1G, size>1MB"
"""The fields, for people."""

_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_TEXT = re.compile(r"([a-z]+):(.+)", re.IGNORECASE | re.DOTALL)
_BOUND = re.compile(r"([\w.%-]+?)(>=|<=|!=|=|>|<)([^<>=]+)", re.DOTALL)
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([kmgtµ]?)\w*%?", re.IGNORECASE)
_FACTORS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "µ": 1.0}


@dataclass(frozen=True)
class Words:
    """A text field holds one of some texts."""

    field: Field
    texts: tuple[str, ...]
    """Folded; none is empty."""
    negated: bool = False


@dataclass(frozen=True)
class Bound:
    """A figure of the layer, such as “params” or a loaded “latency”, lies on one side."""

    figure: str
    """Lower case."""
    comparison: Comparison
    value: float
    negated: bool = False


@dataclass(frozen=True)
class AttributeBound:
    """An attribute has a value, or a number on one side of another."""

    attribute: str
    comparison: Comparison
    text: str
    negated: bool = False


Term: TypeAlias = Words | Bound | AttributeBound


@dataclass(frozen=True)
class Query:
    """All terms must fit."""

    terms: tuple[Term, ...]

    def __bool__(self) -> bool:
        return bool(self.terms)


def fold(text: str) -> str:
    """So that “3×3 Conv” and “3x3 conv” are the same."""
    return text.casefold().replace("×", "x")


def parse_query(text: str) -> Query:
    """Never raises; blanks alone make an empty query."""
    found = (_term(word) for word in _WORD.findall(text))
    return Query(tuple(term for term in found if term is not None))


def number_of(text: str) -> float | None:
    """“1.5M” is 1500000; None for what is no number."""
    match = _NUMBER.fullmatch(text.strip())
    return None if match is None else float(match[1]) * _FACTORS[match[2].lower()]


def word_for(field: str, text: str) -> str:
    """The word that finds exactly this text in a field: how a facet joins a query."""
    return f'{field}:"{text}"' if re.search(r"[\s,]", text) else f"{field}:{text}"


def _term(word: str) -> Term | None:
    negated = word.startswith("-") and len(word) > 1
    bare = word[1:] if negated else word
    if (match := _TEXT.fullmatch(bare)) is not None:
        field = _FIELDS.get(match[1].lower())
        if field == "attr" and (bound := _BOUND.fullmatch(match[2])) is not None:
            name, comparison, text = bound.groups()
            return AttributeBound(fold(name), cast("Comparison", comparison), text, negated)
        if field is not None:
            return _words(field, _alternatives(match[2]), negated)
    if (match := _BOUND.fullmatch(bare)) is not None:
        value = number_of(match[3])
        if value is not None:
            return Bound(fold(match[1]), cast("Comparison", match[2]), value, negated)
    return _words("any", (bare,), negated)


def _words(field: Field, texts: tuple[str, ...], negated: bool) -> Words | None:
    folded = tuple(text for each in texts if (text := fold(each.replace('"', "")).strip()))
    return Words(field, folded, negated) if folded else None


def _alternatives(text: str) -> tuple[str, ...]:
    """Parts between commas, save for those inside quotation marks."""
    return tuple(re.findall(r'(?:[^,"]|"[^"]*"?)+', text))
