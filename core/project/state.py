"""What a project remembers: model, images, goal, device and the plan being made."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.data.contract import PreprocessingContract
from core.devices.profile_choice import ProfileChoice
from core.plan.plan import CompressionPlan
from core.search.report import Goal

VERSION = 4
"""Of the project file. A change that older programs cannot read adds a migration."""


class ModelReference(BaseModel):
    """The project's own copy of a model; the original file is never edited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """File name that the person gave."""
    file: str
    """Where the copy lies, relative to the project folder."""
    sha256: str
    """Of the model file itself, without external data."""
    source: Path
    """Where it was copied from."""


class ProjectState(BaseModel):
    """The content of project.json. Immutable; a change makes a new value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = VERSION
    name: str
    created_at: str
    """ISO 8601 with the UTC offset."""
    model: ModelReference | None = None
    data: Path | None = None
    """Folder or zip of images; it stays where it is."""
    contract: PreprocessingContract | None = None
    """None looks for the best preset."""
    goal: Goal = Goal()
    metric: str = ""
    """Name of the metric that the goal's limit of accuracy is about; empty takes what fits best."""
    device: str = "local"
    """Where it is measured."""
    target: ProfileChoice | None = None
    """What it is made for, and predicted on; None until somebody chooses."""
    threads: int = Field(default=0, ge=0)
    plan: CompressionPlan | None = None
    """The plan in the editor; None until somebody changes a layer."""
    edits: tuple[dict[str, Any], ...] = ()
    """What is changed in the model, as core.edit.edits_file reads it; the copy stays as it is."""
