"""The boards that were added, one file each in the user's own configuration folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.errors import InputError
from core.jobs.folders import storage_errors, write_atomically
from core.remote.board import Board


@dataclass(frozen=True)
class KnownBoards:
    """The boards by id, and the files that could not be read."""

    found: Mapping[str, Board]
    failed: Mapping[str, str]
    """File name to the reason."""

    def named(self, name: str) -> Board:
        """By id or by name. Raises InputError when there is none, or more than one."""
        alike = [board for board in self.found.values() if name in (board.id, board.name)]
        if len(alike) == 1:
            return alike[0]
        if alike:
            ids = ", ".join(board.id for board in alike)
            raise InputError(
                f"There are {len(alike)} boards called “{name}”.",
                f"Their ids are {ids}.",
                "Say which one by its id.",
            )
        names = ", ".join(sorted(board.name for board in self.found.values()))
        raise InputError(
            f"There is no board called “{name}”.",
            f"Known are: {names or 'none'}.",
            "Choose a known one, or add it first: edgewright devices add HOST.",
        )


def boards() -> KnownBoards:
    """All boards that were added, in the order of their names."""
    found: dict[str, Board] = {}
    failed: dict[str, str] = {}
    for file in sorted(_folder().glob("*.json")):
        try:
            board = Board.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            failed[file.name] = _reason(error)
        else:
            found[board.id] = board
    by_name = sorted(found.values(), key=lambda board: (board.name.casefold(), board.id))
    return KnownBoards({board.id: board for board in by_name}, failed)


def add_board(board: Board) -> None:
    """Remember a board; one with the same id is replaced. Raises UserError."""
    file = _file_of(board.id)
    with storage_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(file, board.model_dump_json(indent=2).encode())


def remove_board(id: str) -> None:
    """Forget a board; its id need not be known any more."""
    file = _file_of(id)
    with storage_errors(file):
        file.unlink(missing_ok=True)


def configuration_folder() -> Path:
    """Where boards and our own key lie."""
    import platformdirs

    return Path(platformdirs.user_config_dir("edgewright", appauthor=False))


def _folder() -> Path:
    return configuration_folder() / "boards"


def _file_of(id: str) -> Path:
    return _folder() / f"{id}.json"


def _reason(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return f"It cannot be read: {error.strerror}."
    wrong = error.errors(include_url=False, include_input=False)
    return " ".join(
        f"{'.'.join(str(part) for part in each['loc']) or 'The file'}: {each['msg']}."
        for each in wrong
    )
