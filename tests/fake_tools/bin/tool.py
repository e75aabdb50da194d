"""What all stand-ins share: the scripted board that they belong to, and how they end."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(os.environ["FAKE_BOARD"])


def board() -> dict[str, Any]:
    """The board as it is scripted now."""
    return json.loads((ROOT / "board.json").read_text())


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def fail(text: str, code: int = 1) -> NoReturn:
    sys.stderr.write(f"{text}\n")
    sys.exit(code)


def needs_administrator(name: str) -> None:
    if os.environ.get("FAKE_ADMINISTRATOR") != "yes":
        fail(f"{name}: run it with root privileges")


def remembered(name: str, default: str = "") -> str:
    file = ROOT / "state" / name
    return file.read_text() if file.exists() else default


def remember(name: str, text: str) -> None:
    (ROOT / "state" / name).write_text(text)
