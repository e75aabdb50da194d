"""The exceptions of Edgewright.

EdgewrightError
├── UserError          what happened, why, and what to do; shown to people as it is
│   ├── InputError     the input cannot be used                       exit code 2
│   ├── GoalNotMet     the work succeeded, the limit was not met      exit code 1
│   ├── WorkerDied     a worker process died                          exit code 3
│   └── BoardError     a board cannot be used                         exit code 2
│       ├── BoardUnreachable   nothing answers at its address
│       ├── UnknownHostKey     nobody has accepted the key that it shows
│       ├── ChangedHostKey     it shows another key than the accepted one
│       ├── OtherBoard         the key is right, the serial number is another's
│       ├── LoginRefused       user, password or key are not accepted
│       ├── ConnectionLost     the connection broke while it was used
│       └── BoardRestarted     it was started anew meanwhile
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


class BoardError(UserError):
    """A board that is reached over the network cannot be used as asked."""


class BoardUnreachable(BoardError):
    """Nothing answers at the board's address."""


class UnknownHostKey(BoardError):
    """Nobody has accepted yet the key that the board shows. No secret was sent."""


class ChangedHostKey(BoardError):
    """What answers shows another key than the one that was accepted. No secret was sent."""


class OtherBoard(BoardError):
    """The host key is the accepted one, but the serial number is that of another board."""


class LoginRefused(BoardError):
    """The board accepts neither our key nor the password."""


class ConnectionLost(BoardError):
    """The connection broke while it was used; nothing that was measured over it counts."""


class BoardRestarted(BoardError):
    """The board was started anew while it worked for us; nothing that was measured counts."""


class JobCancelled(EdgewrightError):
    """The person stopped the job; nothing is wrong."""

    exit_code = 130
