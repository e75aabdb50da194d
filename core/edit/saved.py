"""What saving a model answers, and the names of its steps."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

MAKING, WRITING, CHECKING, SAVING = "Making the edits", "Writing", "Checking", "Saving"


class SavedModel(BaseModel):
    """A model that was written, and what is to be said about it."""

    model_config = ConfigDict(extra="forbid")

    path: Path
    """The file that is opened."""
    files: dict[str, int]
    """Every file written, by its name relative to the folder, to its bytes."""
    edits: tuple[str, ...]
    """What was changed, a sentence each."""
    notes: tuple[str, ...] = ()
    """What the checks found that the original had too."""
