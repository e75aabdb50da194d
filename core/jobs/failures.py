"""Errors of jobs as their last event, and back."""

from core.errors import GoalNotMet, InputError, UserError, WorkerDied
from core.jobs.events import Failed


def error_of(failed: Failed) -> UserError:
    """The exception that a failure stands for."""
    types = (InputError, GoalNotMet, WorkerDied)
    error_type = next((type_ for type_ in types if type_.exit_code == failed.code), UserError)
    return error_type(failed.what, failed.why, failed.remedy)


def failure_of(error: UserError) -> Failed:
    return Failed(what=error.what, why=error.why, remedy=error.remedy, code=error.exit_code)


def start_problem(error: Exception) -> UserError:
    """Of a worker that did not even start."""
    return WorkerDied(
        "The worker process could not be started.",
        f"{type(error).__name__}: {error}.",
        "Close other programs and start again; if it happens again, install Edgewright anew.",
    )
