"""A file's bytes, mapped and not read, and what to say when they are not whole."""

import mmap
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import InputError
from core.model.onnx_file import broken, unreadable


@contextmanager
def mapped(path: Path) -> Generator[memoryview]:
    """The bytes of a file. Raises InputError when the operating system refuses."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise unreadable(path, OSError(str(error))) from error
    view = memoryview(data)
    try:
        yield view
    finally:
        view.release()
        with suppress(BufferError):  # an error on its way may still hold a part: it frees the rest
            data.close()


def refuse_broken(path: Path, why: str) -> InputError:
    """What to raise when the bytes are no model after all."""
    return broken(path, why)
