"""Options that a variant declares; forms, command-line flags and checks are derived from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Value = bool | int | float | str
"""What an option can hold. Values are JSON scalars."""


@dataclass(frozen=True)
class Parameter:
    """What every option has: a name for files and flags, a label and a help sentence for people."""

    name: str
    label: str
    help: str

    @property
    def initial(self) -> Value:
        """The value that applies until somebody chooses another."""
        raise NotImplementedError

    def problem(self, value: Value) -> str | None:
        """Say in a sentence what is wrong with `value`, or None."""
        raise NotImplementedError

    def parse(self, text: str) -> Value:
        """Read a value typed by a person; raises ValueError with a sentence."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Parameter):
    """A number within bounds, both included."""

    default: float
    minimum: float
    maximum: float
    unit: str = ""
    integer: bool = False

    @property
    def initial(self) -> Value:
        return int(self.default) if self.integer else self.default

    def problem(self, value: Value) -> str | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"{self.label} must be a number, not {value!r}."
        if self.integer and value != int(value):
            return f"{self.label} must be a whole number, not {value}."
        if not self.minimum <= value <= self.maximum:
            unit = f" {self.unit}" if self.unit else ""
            return f"{self.label} must lie between {self.minimum:g} and {self.maximum:g}{unit}."
        return None

    def parse(self, text: str) -> Value:
        try:
            number = float(text)
        except ValueError:
            raise ValueError(f"{self.label} must be a number, not “{text}”.") from None
        return int(number) if self.integer and number == int(number) else number


@dataclass(frozen=True)
class Option:
    """One answer of a Choice."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Choice(Parameter):
    """One of several named answers."""

    default: str
    options: tuple[Option, ...]

    @property
    def initial(self) -> Value:
        return self.default

    def problem(self, value: Value) -> str | None:
        if any(option.value == value for option in self.options):
            return None
        known = ", ".join(option.value for option in self.options)
        return f"{self.label} cannot be {value!r}. It can be one of: {known}."

    def parse(self, text: str) -> Value:
        if (problem := self.problem(text)) is not None:
            raise ValueError(problem)
        return text


@dataclass(frozen=True)
class Toggle(Parameter):
    """Yes or no."""

    default: bool

    @property
    def initial(self) -> Value:
        return self.default

    def problem(self, value: Value) -> str | None:
        return None if isinstance(value, bool) else f"{self.label} must be yes or no."

    def parse(self, text: str) -> Value:
        words = {"yes": True, "true": True, "on": True, "1": True}
        words |= {"no": False, "false": False, "off": False, "0": False}
        if text.lower() not in words:
            raise ValueError(f"{self.label} must be yes or no, not “{text}”.")
        return words[text.lower()]


@dataclass(frozen=True)
class Text(Parameter):
    """Words, a name or a list that a person types."""

    default: str

    @property
    def initial(self) -> Value:
        return self.default

    def problem(self, value: Value) -> str | None:
        return None if isinstance(value, str) else f"{self.label} must be text, not {value!r}."

    def parse(self, text: str) -> Value:
        return text


def defaults(parameters: Iterable[Parameter]) -> dict[str, Value]:
    """The initial value of every parameter, by name."""
    return {parameter.name: parameter.initial for parameter in parameters}


def option_problems(parameters: Iterable[Parameter], values: Mapping[str, Value]) -> dict[str, str]:
    """Everything that is wrong with `values`: field name to sentence."""
    known = {parameter.name: parameter for parameter in parameters}
    found = {
        name: f"There is no option called “{name}”. The options are: {', '.join(known) or 'none'}."
        for name in values
        if name not in known
    }
    for name, parameter in known.items():
        if name in values and (problem := parameter.problem(values[name])) is not None:
            found[name] = problem
    return found
