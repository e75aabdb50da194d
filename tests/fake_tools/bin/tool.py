"""What the stand-ins in Python share: the scripted board that they belong to.

They start often, so that nothing is imported that takes long.
"""

import json
import os
import sys
from typing import Any, NoReturn

ROOT = os.environ["FAKE_BOARD"]


def board() -> dict[str, Any]:
    """The board as it is scripted now."""
    return json.loads(text_of(f"{ROOT}/board.json"))


def text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  # pathlib takes long to import
        return file.read()


def write_text(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def fail(text: str, code: int = 1) -> NoReturn:
    sys.stderr.write(f"{text}\n")
    sys.exit(code)


def remembered(name: str, default: str = "") -> str:
    file = f"{ROOT}/state/{name}"
    return text_of(file) if os.path.exists(file) else default  # noqa: PTH110


def remember(name: str, text: str) -> None:
    write_text(f"{ROOT}/state/{name}", text)
