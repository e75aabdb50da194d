"""`edgewright profiles`: lists, one in full, several compared, and profiles of one's own."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from core.commands.base import Answer
from core.commands.profiles import ProfilesCommand, ProfilesReport
from core.devices import profile_files
from core.devices.profile import profiles
from core.errors import InputError

Run = Callable[..., Answer]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's own profiles, empty."""
    folder = tmp_path / "profiles"
    monkeypatch.setattr(profile_files, "profiles_folder", lambda: folder)
    return folder


@pytest.fixture
def run(own: Path) -> Run:
    command = ProfilesCommand()
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return lambda *words: command.run(parser.parse_args(words), lambda _: None)


def ids(answer: Answer) -> list[str]:
    assert isinstance(answer.outcome, ProfilesReport)
    return [one.id for one in answer.outcome.profiles]


def test_that_all_are_listed_by_kind(run: Run) -> None:
    answer = run()
    assert len(ids(answer)) == 114
    assert answer.text.index("NVIDIA Jetson") < answer.text.index("Cloud GPUs")


def test_that_words_and_a_kind_narrow_the_list(run: Run) -> None:
    assert ids(run("--family", "jetson", "--search", "ORIN nano 4gb")) == [
        "jetson-orin-nano-4gb",
        "jetson-orin-nano-4gb-super",
    ]
    assert run("--search", "toaster").text == "No profile says that."


def test_that_one_is_shown_in_full_with_how_each_fact_is_known(run: Run) -> None:
    text = run("jetson-nano-4gb").text
    assert "472 GFLOPS" in text
    assert "from memory, without a source" in text
    assert "5 W: 2 cores at 918 MHz, 1 SM at 640 MHz" in text
    assert "8.2.1" in text


def test_that_several_are_compared_and_differences_marked(run: Run) -> None:
    lines = run("jetson-orin-nano-8gb", "jetson-orin-nano-8gb-super").text.splitlines()
    rows = {line.split("  ")[0]: line for line in lines}
    assert rows["Bandwidth"].endswith("≠")
    assert not rows["Memory"].endswith("≠")


def test_that_a_copy_is_made_changed_and_removed(run: Run, own: Path) -> None:
    assert ids(run("rpi-5", "--copy", "Kiosk", "--set", "memory_gb=16")) == ["kiosk"]
    run("kiosk", "--set", "core_ghz=3", "--set", "note=in the hall")
    kept = profiles(own)["kiosk"]
    assert (kept.memory_gb, kept.core_ghz, kept.note) == (16, 3, "in the hall")
    run("kiosk", "--remove")
    assert "kiosk" not in profiles(own)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ["rpi-5", "--copy", "K", "--set", "memory_gb=a", "--set", "cores=0"],
            "cores must .* memory_gb must",
        ),
        (["rpi-5", "--copy", "K", "--set", "colour=red"], "Fields that can be set"),
        (["rpi-5", "--set", "memory_gb=16"], "came with Edgewright"),
        (["rpi-5", "--remove"], "came with Edgewright"),
        (["--copy", "K"], "One profile must be named"),
        (["rpi-9"], "Similar ones: rpi-5"),
    ],
)
def test_that_what_cannot_be_done_is_explained(
    run: Run, own: Path, words: list[str], why: str
) -> None:
    with pytest.raises(InputError, match=why):
        run(*words)
    assert not own.exists()


def test_that_a_broken_file_is_told(run: Run, own: Path) -> None:
    own.mkdir()
    (own / "mine.toml").write_text('id = "mine"\n', encoding="utf-8")
    answer = run()
    assert isinstance(answer.outcome, ProfilesReport)
    assert answer.outcome.unusable["mine.toml"].splitlines() == [
        "name: is missing.",
        "family: is missing.",
        "precisions: is missing.",
    ]
    assert "Cannot be used: mine.toml" in answer.text
