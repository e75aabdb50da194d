"""The runs of a project: what was asked, when, from which run it grew, and what came out."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.jobs.folders import OUTCOME_FILE, PARTIAL, RESULTS_FOLDER, flush, storage_errors
from core.jobs.request import RunRequest, read_request


@dataclass(frozen=True)
class Run:
    """One run, whole or interrupted."""

    folder: Path
    request: RunRequest

    @property
    def name(self) -> str:
        """Such as “0003-optimize”; the same before and after the run is whole."""
        return self.folder.name.removesuffix(PARTIAL)

    @property
    def kind(self) -> str:
        return self.request.kind

    @property
    def parent(self) -> str | None:
        """Name of the run that this one grew from."""
        return self.request.parent

    @property
    def whole(self) -> bool:
        return self.folder.suffix != PARTIAL

    @property
    def has_results(self) -> bool:
        """Whether figures were acknowledged before it was whole or interrupted."""
        return any((self.folder / RESULTS_FOLDER).glob("*.json"))

    def outcome(self) -> dict[str, Any]:
        """The JSON form of the kind's outcome. Raises InputError when it cannot be read."""
        path = self.folder / OUTCOME_FILE
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(
                f"The outcome of run “{self.name}” cannot be read.",
                f"Its {OUTCOME_FILE} is missing or damaged ({type(error).__name__}).",
                "Run it again; the project is unharmed.",
            ) from error


def list_runs(folder: Path) -> tuple[Run, ...]:
    """All runs in a folder by age. What is no readable run is left out."""
    found: list[Run] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            found.append(Run(path, read_request(path)))
        except InputError:
            continue
    return tuple(found)


def next_run_name(folder: Path, kind: str) -> str:
    numbers = [path.name.split("-")[0] for path in folder.glob("*-*")]
    highest = max((int(number) for number in numbers if number.isdecimal()), default=0)
    return f"{highest + 1:04d}-{kind}"


def remove_run(run: Run, removed: Path) -> None:
    """Delete a run: it leaves the list at once, by moving to `removed`. Raises UserError."""
    with storage_errors(run.folder):
        sweep_removed(removed)
        removed.mkdir(exist_ok=True)
        run.folder.rename(removed / run.folder.name)
        flush(run.folder.parent)
    sweep_removed(removed)


def sweep_removed(removed: Path) -> None:
    """Free what deleted runs still take; what cannot be freed now is tried again the next time."""
    shutil.rmtree(removed, ignore_errors=True)
