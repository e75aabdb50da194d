"""What stands in the way of an edit: each thing with a remedy, all told at once."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from core.errors import InputError


class Problem(BaseModel):
    """One thing that is wrong. `edit` counts from 0; `field` is a field of that edit."""

    model_config = ConfigDict(frozen=True)

    edit: int | None = None
    field: str | None = None
    what: str
    remedy: str


class EditRefused(InputError):
    """The edits do not fit the model; `problems` says everything that is wrong."""

    def __init__(self, file_name: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        many = len({problem.edit for problem in problems}) > 1
        super().__init__(
            f"“{file_name}” cannot be edited like that.",
            " ".join(dict.fromkeys(_located(each) if many else each.what for each in problems)),
            " ".join(dict.fromkeys(problem.remedy for problem in problems)),
        )


def _located(problem: Problem) -> str:
    return problem.what if problem.edit is None else f"Edit {problem.edit + 1}: {problem.what}"
