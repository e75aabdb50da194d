"""Progress for a terminal and for a file, and tables in plain text."""

import io

import pytest

from core.commands.progress import ProgressLines
from core.commands.words import plain, seconds_left, table
from core.jobs.events import Failed, Note, Progress, Step

STEP = Step(index=1, total=3, title="Measuring")
HALF = Progress(done=5, total=10, unit="images", fraction=0.5, seconds_left=125)


def shown(live: bool, *events: Step | Progress | Note | Failed) -> str:
    stream = io.StringIO()
    progress = ProgressLines(stream, live=live)
    for event in events:
        progress(event)
    return stream.getvalue()


def test_that_a_terminal_has_one_line_that_changes() -> None:
    text = shown(True, STEP, HALF)
    assert "\n" not in text
    assert text.count("\r") == 2
    assert " 50 %  [2/3] Measuring · 5 of 10 images · 2 min left" in text


def test_that_a_file_has_plain_lines_and_not_one_for_each_report() -> None:
    text = shown(False, STEP, *[HALF] * 100)
    assert text == "[2/3] Measuring\n"


def test_that_a_note_stays_above_the_line_that_changes() -> None:
    text = shown(True, HALF, Note(text="Two images were left out.", level="warning"))
    assert text.endswith("\r\033[KWarning: Two images were left out.\n")


def test_that_the_log_of_a_failure_is_shown() -> None:
    failed = Failed(what="W.", why="Y.", remedy="R.", log=("the library is unwell",))
    assert "  | the library is unwell\n" in shown(False, failed)


def test_that_text_from_a_model_cannot_steer_the_terminal() -> None:
    assert (
        plain("layer\033[2J\u202ename\n")
        == "layer\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}name\n"
    )
    assert "\033[2J" not in shown(False, Note(text="\033[2J"))


def test_that_figures_keep_to_the_right_and_words_to_the_left() -> None:
    assert table(("Layer", "ms"), [("stem", "10.5"), ("head/Gemm", "2")]).splitlines() == [
        "Layer        ms",
        "─────────  ────",
        "stem       10.5",
        "head/Gemm     2",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s left"), (42.4, "42 s left"), (150, "2 min left")]
)
def test_that_time_left_is_said_in_a_fitting_unit(seconds: float, words: str) -> None:
    assert seconds_left(seconds) == words
