"""Keeps the open project: every call on it runs on a thread of its own, never on the window's."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel
from PySide6.QtCore import QObject, Signal

from core.errors import InputError
from core.jobs.runner import Job, Listener
from core.project.project import Project
from core.project.runs import Run
from core.project.state import ProjectState
from core.search.report import OptimizationReport
from gui.jobs import Errand, Launch
from gui.results import RunReport, run_report
from gui.wording import day_words, duration_words, file_words


@dataclass(frozen=True)
class RunEntry:
    """A run as the list shows it. `found` is None for one that was interrupted."""

    name: str
    folder: Path
    title: str
    detail: str
    chip: str
    kind: Literal["good", "warn"]
    found: RunReport | None


def projects_folder() -> Path:
    """Where projects go that nobody gave a place."""
    return Path(platformdirs.user_data_dir("edgewright", appauthor=False)) / "projects"


def recent_projects(folder: Path, most: int = 8) -> list[Path]:
    """The newest projects in a folder, the last used first."""
    found = (
        [path for path in folder.iterdir() if Project.is_project(path)] if folder.is_dir() else []
    )
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[:most]


class ProjectKeeper(QObject):
    """Opens, saves and lists; answers by signals."""

    created = Signal(object)
    """The ProjectState of a project around the model that was just opened."""
    opened = Signal(object)
    """The ProjectState of a project that existed."""
    saved = Signal(object)
    """A datetime."""
    runs_listed = Signal(object)
    """RunEntry items, the newest first."""
    failed = Signal(object)
    """A Failed event: the project could not be made, opened or saved."""

    def __init__(self, projects: Path | None = None) -> None:
        """`projects` is where new ones go; None means the user's data folder."""
        super().__init__()
        self.projects = projects or projects_folder()
        self._may_copy = threading.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="project")
        self._project: Project | None = None
        self._waiting: dict[str, object] = {}
        self._is_closed = False

    @property
    def folder(self) -> Path | None:
        return self._project.folder if self._project else None

    @property
    def model_path(self) -> Path | None:
        return self._project.model_path if self._project else None

    @property
    def model_source(self) -> Path | None:
        """Where the project's model was copied from."""
        model = self._project.state.model if self._project else None
        return model.source if model else None

    def create(self, model: Path, companions: Sequence[Path]) -> None:
        """A new project around a copy of this model, in the projects folder.

        The copy is made once `go_on` was called: reading a large model must not hold up showing it.
        """
        name = file_words(model)
        self._may_copy.clear()

        def work() -> ProjectState:
            self._may_copy.wait()
            project = Project.create(_free_name(self.projects / name), name)
            try:
                project.adopt_model(model, companions)
            except BaseException:
                project.close()
                raise
            self._take(project)
            return project.state

        self._do(work, self.created.emit)

    def go_on(self) -> None:
        """Slow work may begin: what was opened can be seen."""
        self._may_copy.set()

    def open(self, folder: Path) -> None:
        def work() -> ProjectState:
            if self._project is None or self._project.folder != folder.absolute():
                self._take(Project.open(folder))
            assert self._project is not None
            return self._project.state

        self._do(work, self.opened.emit)

    def save(self, **changes: object) -> None:
        """Keep these fields of the project's state; quick successions become one write."""
        first = not self._waiting
        self._waiting.update(changes)

        def work() -> datetime | None:
            wanted, self._waiting = self._waiting, {}
            if self._project is None:
                return None
            self._project.update(**wanted)
            return datetime.now().astimezone()

        if first:
            self._do(work, self._tell_saved)

    def list_runs(self) -> None:
        def work() -> list[RunEntry]:
            runs = self._project.runs() if self._project else ()
            return [entry_of(run) for run in reversed(runs) if run.kind == "optimize"]

        self._do(work, self.runs_listed.emit)

    def ask(self, question: Callable[[Project], object], then: Callable[[Any], object]) -> None:
        """Answer a question about the open project off the window's thread; None without one."""
        self._do(lambda: question(self._project) if self._project else None, then)

    def launch(
        self, kind: str, request: Callable[[Project], BaseModel], parent: str | None = None
    ) -> Launch:
        """Start a job as the project's next run; `request` is made on the project's thread."""

        def launch(listener: Listener) -> Job:
            if self._project is None:
                raise InputError(
                    "There is no project yet.",
                    "The model could not be copied into one.",
                    "Open the model again.",
                )
            return self._project.start_run(kind, request(self._project), listener, parent=parent)

        return launch

    @property
    def executor(self) -> ThreadPoolExecutor:
        """The project's thread."""
        return self._thread

    def leave(self) -> None:
        """Let go of the project: what is open now belongs to none."""
        self._do(self._close, lambda _: None)

    def close(self) -> None:
        """Save what waits and let go of the project; blocks for as long as that takes."""
        self.go_on()
        self._is_closed = True
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)

    def _take(self, project: Project) -> None:
        self._close()
        self._project = project

    def _close(self) -> None:
        if self._project is not None:
            self._project.close()
            self._project = None

    def _tell_saved(self, moment: datetime | None) -> None:
        if moment is not None:
            self.saved.emit(moment)

    def _do(self, work: Callable[[], object], then: Callable[[Any], object]) -> None:
        if self._is_closed:  # what was under way may still come to its end and tell
            return
        errand = Errand(work)
        errand.done.connect(then)
        errand.failed.connect(self.failed)
        errand.start(self._thread)


def entry_of(run: Run) -> RunEntry:
    """What the list says about a run."""
    began = datetime.fromisoformat(run.request.created_at)
    when = day_words(began, datetime.now().astimezone())
    if not run.whole:
        title, detail = "Interrupted", f"{when} · goes on when you optimize again"
        return RunEntry(run.name, run.folder, title, detail, "partial", "warn", None)
    found = run_report(OptimizationReport.model_validate(run.outcome()), run.folder)
    report = found.report
    best = next((each for each in report.candidates if each.id == report.chosen), None)
    title = best.label if best else "Original stays"
    detail = f"{when} · {duration_words(report.seconds)}"
    if report.met:
        return RunEntry(run.name, run.folder, title, detail, "measured", "good", found)
    return RunEntry(run.name, run.folder, title, detail, "goal not met", "warn", found)


def _free_name(folder: Path) -> Path:
    """The folder itself, or with the first number behind it that is free."""
    name, number = folder, 2
    while name.exists():
        name = folder.with_name(f"{folder.name} {number}")
        number += 1
    return name
