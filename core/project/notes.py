"""What a person wrote about a run: a name for it and a note."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.jobs.folders import write_atomically

NOTE_FILE = "note.json"


@dataclass(frozen=True)
class RunNote:
    """Both may be empty."""

    name: str = ""
    text: str = ""


def read_note(folder: Path) -> RunNote:
    """Empty where nothing was written, or what was written cannot be read."""
    try:
        found = json.loads((folder / NOTE_FILE).read_bytes())
        return RunNote(str(found["name"]), str(found["text"]))
    except (OSError, ValueError, KeyError, TypeError):
        return RunNote()


def write_note(folder: Path, note: RunNote) -> None:
    """Raises UserError when the folder cannot be written to."""
    content = json.dumps(asdict(note), ensure_ascii=False, indent=2)
    write_atomically(folder / NOTE_FILE, content.encode())
