"""The exceptions of Edgewright.

EdgewrightError
├── UserError          what happened, why, and what to do; shown to people as it is
│   ├── InputError     the input cannot be used                       exit code 2
│   ├── GoalNotMet     the work succeeded, the limit was not met      exit code 1
│   └── WorkerDied     a worker process died                          exit code 3
└── JobCancelled       the person stopped the job                     exit code 130

Everything else is a defect and reaches the crash dialog.
"""

from typing import ClassVar


class EdgewrightError(Exception):
    """The root of everything that Edgewright raises on purpose."""

    exit_code: ClassVar[int] = 2


class UserError(EdgewrightError):
    """A failure that a person can understand and mend.

    `what` says what happened, `why` gives the cause, `remedy` says what to do. All three are
    plain sentences without markup.
    """

    def __init__(self, what: str, why: str, remedy: str) -> None:
        super().__init__(f"{what} {why} {remedy}")
        self.what = what
        self.why = why
        self.remedy = remedy


class InputError(UserError):
    """A file, folder or option that a person gave cannot be used."""


class GoalNotMet(UserError):
    """The work was done, but nothing met the limit that was asked for."""

    exit_code = 1


class WorkerDied(UserError):
    """A worker process ended without saying how: a signal, or memory ran out."""

    exit_code = 3


class JobCancelled(EdgewrightError):
    """The person stopped the job; nothing is wrong."""

    exit_code = 130
