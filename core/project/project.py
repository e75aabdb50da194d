"""The project: a folder with the model, its settings and every run, whole at every moment."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ValidationError

from core.errors import InputError
from core.jobs.folders import (
    flush,
    remove_temporary_files,
    storage_errors,
    sweep,
)
from core.jobs.request import request_key
from core.jobs.runner import Job, Listener
from core.project.lock import LOCK_FILE, ProjectLock
from core.project.model_copy import content_name, copy_model, remove_unfinished_copies
from core.project.notes import RunNote, write_note
from core.project.runs import Run, list_runs, next_run_name, remove_run, sweep_removed
from core.project.state import ModelReference, ProjectState
from core.project.state_file import (
    PROJECT_FILE,
    first_fault,
    read_state,
    write_older_state,
    write_state,
)
from core.search.report import OptimizationReport

RUNS_FOLDER = "runs"
MODELS_FOLDER = "models"
REMOVED_FOLDER = ".removed"
"""Where deleted runs go first, so that half a deletion leaves no half run."""


class Project:
    """An open project. One thread uses it; one process at a time may write to it.

    Opening tidies up after a crash: whole runs get their names, interrupted ones with
    acknowledged results stay to be resumed, the rest is removed.
    """

    def __init__(self, folder: Path, state: ProjectState, lock: ProjectLock | None) -> None:
        """Use `create` or `open`."""
        self.folder = folder
        self._state = state
        self._lock = lock
        self._jobs: list[Job] = []

    @classmethod
    def create(cls, folder: Path, name: str | None = None) -> Self:
        """Make a project in a new or empty folder. Raises UserError."""
        folder = folder.absolute()
        with storage_errors(folder):
            _check_usable(folder)
            folder.mkdir(parents=True, exist_ok=True)
        lock = ProjectLock.acquire(folder)
        now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        project = cls(folder, ProjectState(name=name or folder.name, created_at=now), lock)
        try:
            project._save(project.state)
            flush(folder.parent)
        except BaseException:
            project.close()
            raise
        return project

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Open a project. `read_only` takes no lock and tidies nothing. Raises UserError."""
        folder = folder.absolute()
        if not (folder / PROJECT_FILE).is_file():
            raise InputError(
                f"“{folder}” is not an Edgewright project.",
                f"There is no {PROJECT_FILE} in it.",
                "Choose the folder of a project, or make a new one.",
            )
        if read_only:
            return cls(folder, read_state(folder)[0], None)
        lock = ProjectLock.acquire(folder)
        try:
            state, older = read_state(folder)
            project = cls(folder, state, lock)
            project._tidy()
            if older is not None:
                write_older_state(folder, older)
                project._save(state)
        except BaseException:
            lock.release()
            raise
        return project

    @staticmethod
    def is_project(folder: Path) -> bool:
        return (folder / PROJECT_FILE).is_file()

    def close(self) -> None:
        """Let others write to the project. Jobs that still run go on."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def state(self) -> ProjectState:
        return self._state

    @property
    def model_path(self) -> Path | None:
        """The project's own copy of the model."""
        return None if self.state.model is None else self.folder / self.state.model.file

    def update(self, **changes: object) -> ProjectState:
        """Change fields of the state and save it; the old state stays when that fails.

        Raises UserError for a full or read-only folder, ValidationError for a wrong value.
        """
        state = ProjectState.model_validate({**dict(self.state), **changes})
        if state != self.state:
            self._save(state)
        return state

    def adopt_model(self, source: Path, companions: Sequence[Path] = ()) -> ModelReference:
        """Copy a model into the project and make it the project's model.

        `companions` are files of external data, below the model's folder; they keep their place
        beside the model. An equal copy that is there already is used. Takes as long as reading
        the files does.
        """
        copy = copy_model(source, companions, self.folder / MODELS_FOLDER)
        reference = ModelReference(
            name=source.name,
            file=copy.path.relative_to(self.folder).as_posix(),
            sha256=copy.sha256,
            source=source.absolute(),
        )
        self.update(model=reference)
        return reference

    def holds_model(self, source: Path, companions: Sequence[Path] = ()) -> bool:
        """Whether the project's model is a copy of these very files. Reads them."""
        path = self.model_path
        return path is not None and path.parent.name == content_name(source, companions)

    def start_run(
        self,
        kind: str,
        request: BaseModel,
        listener: Listener | None = None,
        *,
        parent: str | None = None,
    ) -> Job:
        """Start a job whose folder is the project's next run.

        An interrupted run of the same request goes on in its own folder, and the request's field
        `resume` names it, so that results acknowledged then are used again.
        """
        runs = self.folder / RUNS_FOLDER
        earlier = self._interrupted(request_key(kind, request))
        if earlier is not None and "resume" in type(request).model_fields:
            request = request.model_copy(update={"resume": earlier.folder})
            folder = runs / earlier.name
        else:
            folder = runs / next_run_name(runs, kind)
        job = Job(kind, request, folder, parent=parent)
        job.start(listener)
        self._jobs.append(job)
        return job

    def runs(self) -> tuple[Run, ...]:
        """Every run, whole or interrupted, the oldest first."""
        return list_runs(self.folder / RUNS_FOLDER)

    def remove_run(self, name: str) -> None:
        """Delete a run with everything in it. Raises InputError when it is not there or runs."""
        run = self._run_called(name)
        if run.folder in {job.partial_folder for job in self._jobs if job.is_running}:
            raise InputError(
                f"Run “{name}” cannot be deleted.", "It is running.", "Cancel it first."
            )
        remove_run(run, self.folder / REMOVED_FOLDER)

    def annotate_run(self, name: str, note: RunNote) -> None:
        """Keep what a person wrote about a run. Raises UserError."""
        write_note(self._run_called(name).folder, note)

    def _run_called(self, name: str) -> Run:
        for run in self.runs():
            if run.name == name:
                return run
        raise InputError(
            f"There is no run “{name}”.", "It was deleted.", "Look at the list of runs again."
        )

    def latest_report(self) -> tuple[Run, OptimizationReport] | None:
        """The newest whole optimization and what it found. Raises InputError when damaged."""
        for run in reversed(self.runs()):
            if run.whole and run.kind == "optimize":
                return run, _report_of(run)
        return None

    def _interrupted(self, key: str) -> Run | None:
        busy = {job.partial_folder for job in self._jobs if job.is_running}
        for run in reversed(self.runs()):
            if not run.whole and run.request.key == key and run.folder not in busy:
                return run
        return None

    def _tidy(self) -> None:
        kept = {run.folder for run in self.runs() if run.has_results}
        sweep(self.folder / RUNS_FOLDER, keep=kept.__contains__)
        with storage_errors(self.folder):
            remove_temporary_files(self.folder)
            remove_unfinished_copies(self.folder / MODELS_FOLDER)
        sweep_removed(self.folder / REMOVED_FOLDER)

    def _save(self, state: ProjectState) -> None:
        write_state(self.folder, state)
        self._state = state


def _check_usable(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(
            f"“{folder}” is a file.",
            "A project is a folder.",
            "Choose the name of a new folder.",
        )
    own = (LOCK_FILE, f".{PROJECT_FILE}.")  # left by a program that was killed right here
    if folder.is_dir() and any(not path.name.startswith(own) for path in folder.iterdir()):
        raise InputError(
            f"“{folder}” holds other files.",
            "A new project starts in an empty folder, so that nothing gets mixed up.",
            "Choose the name of a new folder.",
        )


def _report_of(run: Run) -> OptimizationReport:
    try:
        return OptimizationReport.model_validate(run.outcome())
    except ValidationError as error:
        raise InputError(
            f"The report of run “{run.name}” cannot be read.",
            f"It is damaged or of another version: {first_fault(error)}.",
            "Optimize again; the project is unharmed.",
        ) from error
