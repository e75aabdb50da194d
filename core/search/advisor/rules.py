"""The rules and what they speak of, read from resources/advisor and checked all at once."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.devices.profile import Precision
from core.parameters import Value, option_problems
from core.search.advisor.conditions import Case, Condition, holds
from core.search.advisor.rule_words import WORDS
from core.techniques import techniques

Verdict = Literal["require", "first", "second", "allow", "last", "avoid", "block", "warn", "inform"]
"""Do it in any case; try it as the first, the second, after these, as the last; it does not pay
here; it cannot be done here; bear in mind; know."""

Kind = Literal["numbers", "structure", "device", "practice"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Approach(_Part):
    """Something that can be done about a model on a device."""

    id: str
    label: str
    kind: Kind
    precision: Precision | None = None
    """What it computes in; None where only stored weights change, or nothing of the kind."""
    risk: int = 0
    """Order in which accuracy is at stake; 0 means: not at all."""
    steps: tuple[str, ...] = ()
    """Techniques of the plan."""
    preparations: tuple[str, ...] = ()
    """Techniques that rules may put before them, in the order in which they go."""
    runtime: str | None = None
    """The runtime that is told to compute in `precision`, where nothing is stored in it."""
    about: str = ""
    missing: str = ""
    """Why this version cannot do it; empty where it can."""


class Rule(_Part):
    """One thing that is known about devices or models, with where it is known from."""

    id: str
    when: tuple[Condition, ...]
    """It holds when one of these does …"""
    unless: tuple[Condition, ...] = ()
    """… and none of these."""
    approach: str
    verdict: Verdict
    gain: tuple[float, float] | None = None
    """How many times as fast as `over` it was elsewhere, from least to most."""
    over: Literal["", "dense"] | Precision = ""
    """A format of numbers, or the dense weights."""
    halves: bool = False
    """Whether only half of the usual gain is to be expected."""
    options: dict[str, Value] = {}
    """Options for the approach's last technique."""
    before: tuple[str, ...] = ()
    """Techniques that go before those of the approach."""
    sentence: str
    """For people. Names in braces are those of core.search.advisor.rule_words."""
    evidence: str
    source: str
    confidence: Literal["high", "medium", "low"]

    def holds(self, case: Case) -> bool:
        return any(holds(each, case) for each in self.when) and not any(
            holds(each, case) for each in self.unless
        )


class RuleBook(_Part):
    """Everything that the advisor knows, in the order of the files."""

    approaches: dict[str, Approach]
    rules: tuple[Rule, ...]


@cache
def rule_book() -> RuleBook:
    """Raises ValueError with everything that is wrong in the files."""
    folder = files("resources") / "advisor"
    texts = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in sorted((folder / "rules").iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
    return read_rule_book((folder / "approaches.toml").read_text(encoding="utf-8"), texts)


def rules() -> tuple[Rule, ...]:
    return rule_book().rules


def read_rule_book(approaches: str, texts: Mapping[str, str]) -> RuleBook:
    """The book from the text of the approaches and the texts of the rules by file name.

    Raises ValueError with everything that is wrong, one problem a line.
    """
    problems: list[str] = []
    known = {
        each.id: each
        for each in _read("approaches.toml", approaches, "approach", Approach, problems)
    }
    found = [
        rule for name, text in texts.items() for rule in _read(name, text, "rule", Rule, problems)
    ]
    for approach in known.values():
        problems += [f"{approach.id}: {what}" for what in _unknown_techniques(approach)]
    for rule in found:
        problems += [f"{rule.id}: {what}" for what in _problems(rule, known)]
    ids = [rule.id for rule in found]
    problems += [f"{id}: two rules are called so" for id in sorted({*ids}) if ids.count(id) > 1]
    if problems:
        raise ValueError("\n".join(problems))
    return RuleBook(approaches=known, rules=tuple(found))


def _read(name: str, text: str, key: str, kind: type[Any], problems: list[str]) -> Iterator[Any]:
    try:
        entries = tomllib.loads(text).get(key, [])
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{name}: {error}")
        return
    for number, entry in enumerate(entries, start=1):
        try:
            yield kind.model_validate(entry)
        except ValidationError as error:
            where = f"{name}, {entry.get('id', f'entry {number}')}"
            problems += [
                f"{where}, {'.'.join(map(str, each['loc']))}: {each['msg']}"
                for each in error.errors()
            ]


def _unknown_techniques(approach: Approach) -> Iterator[str]:
    for name in (*approach.preparations, *approach.steps):
        if name not in techniques():
            yield f"there is no technique “{name}”"


def _problems(rule: Rule, known: Mapping[str, Approach]) -> Iterator[str]:
    """What a rule says of things that there are not."""
    if rule.approach not in known:
        yield f"there is no approach “{rule.approach}”"
        return
    for name in {part for _, part, *_ in Formatter().parse(rule.sentence) if part} - WORDS.keys():
        yield f"there is no word {{{name}}}"
    steps = known[rule.approach].steps
    if rule.options and not steps:
        yield f"“{rule.approach}” has no technique that takes options"
    for name in {*rule.before} - {*known[rule.approach].preparations}:
        yield f"“{rule.approach}” cannot be prepared by “{name}”"
    if rule.options and steps and steps[-1] in techniques():
        yield from option_problems(techniques()[steps[-1]].parameters, rule.options).values()
    if (rule.gain is None) != (not rule.over):
        yield "a gain needs to say over what"
