"""`edgewright draw`, as it is called."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree


def draw(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gui", "draw", *map(str, words), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_that_a_model_is_drawn_without_a_display(tiny_model: Path, tmp_path: Path) -> None:
    target = tmp_path / "tiny.svg"

    said = draw(tiny_model, "--out", target, "--expand", "all", "--colour", "parameters")

    assert said.returncode == 0, said.stderr
    answer = json.loads(said.stdout)
    assert answer["layers"] == 7
    root = ElementTree.fromstring(target.read_text(encoding="utf-8"))
    assert "GlobalAveragePool" in " ".join(root.itertext())


def test_that_an_unknown_colouring_is_refused_with_those_that_exist(
    tiny_model: Path, tmp_path: Path
) -> None:
    said = draw(tiny_model, "--out", tmp_path / "tiny.png", "--colour", "beauty")

    assert said.returncode == 2
    assert "operations" in json.loads(said.stdout)["error"]["why"]
    assert list(tmp_path.glob("*.png")) == []
