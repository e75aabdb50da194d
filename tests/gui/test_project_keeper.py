"""The project's thread: what comes after it was closed."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.project_keeper import ProjectKeeper


@pytest.mark.usefixtures("qtbot")
def test_that_what_ends_after_closing_asks_for_nothing_more(tmp_path: Path) -> None:
    keeper = ProjectKeeper(tmp_path)
    keeper.close()

    keeper.save(threads=2)
    keeper.list_runs()

    assert keeper.folder is None


def test_that_a_model_is_copied_only_once_it_was_shown(
    tmp_path: Path, sample_model: Path, qtbot: QtBot
) -> None:
    keeper = ProjectKeeper(tmp_path)
    keeper.create(sample_model, ())
    assert not list(tmp_path.iterdir())

    with qtbot.waitSignal(keeper.created):
        keeper.go_on()

    assert keeper.model_path is not None
    assert keeper.model_path.read_bytes() == sample_model.read_bytes()
    keeper.close()
