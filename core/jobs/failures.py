"""Errors of jobs as their last event, and back."""

from collections.abc import Iterator

from core.errors import GoalNotMet, InputError, UserError, WorkerDied
from core.jobs.events import Failed


def error_of(failed: Failed) -> UserError:
    """The exception that a failure stands for: by its name, else by its exit code."""
    types = (InputError, GoalNotMet, WorkerDied)
    by_code = next((type_ for type_ in types if type_.exit_code == failed.code), UserError)
    named = {type_.__name__: type_ for type_ in _kinds_of(UserError)}
    return named.get(failed.error, by_code)(failed.what, failed.why, failed.remedy)


def failure_of(error: UserError) -> Failed:
    return Failed(
        what=error.what,
        why=error.why,
        remedy=error.remedy,
        code=error.exit_code,
        error=type(error).__name__,
    )


def _kinds_of(base: type[UserError]) -> Iterator[type[UserError]]:
    """All that three sentences are enough to make."""
    if base.__init__ is UserError.__init__:
        yield base
    for kind in base.__subclasses__():
        yield from _kinds_of(kind)


def start_problem(error: Exception) -> UserError:
    """Of a worker that did not even start."""
    return WorkerDied(
        "The worker process could not be started.",
        f"{type(error).__name__}: {error}.",
        "Close other programs and start again; if it happens again, install Edgewright anew.",
    )
