"""Lets one process at a time write to a project."""

import fcntl
import os
from pathlib import Path
from typing import Self

from core.errors import InputError
from core.jobs.folders import storage_errors

LOCK_FILE = ".lock"


class ProjectLock:
    """A lock of the operating system on a file in the project.

    It belongs to the open file, so it is gone when its process is, however that ended: a lock
    never goes stale. The file holds the number of the process that has it, for people.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, folder: Path) -> Self:
        """Raises InputError when another window or command has the project open."""
        path = folder / LOCK_FILE
        with storage_errors(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode(errors="replace").strip()
            os.close(descriptor)
            raise InputError(
                f"The project “{folder.name}” is open elsewhere.",
                f"Another Edgewright is working in it (process {holder or 'unknown'}).",
                "Close it there or wait until it has finished, or use another project folder.",
            ) from None
        except OSError as error:
            os.close(descriptor)
            raise InputError(
                f"The project “{folder.name}” cannot be locked.",
                f"Its file system does not offer locks ({error.strerror}).",
                "Use a folder on a local disk.",
            ) from error
        with storage_errors(path):
            os.truncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(descriptor)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
