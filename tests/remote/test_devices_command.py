"""From a board's address to its first benchmark, on the command line."""

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.remote.boards import boards
from core.remote.connection import first_contact
from core.remote.keys import own_key
from core.remote.secure_shell import public_line_of
from tests.remote.sshd import Sshd


def test_that_a_board_is_added_checked_and_measured_on(
    sshd: Sshd, sample_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sshd.authorize(public_line_of(own_key()))
    where = f"{sshd.user}@127.0.0.1:{sshd.port}"
    fingerprint = first_contact("127.0.0.1", sshd.port).fingerprint

    assert main(["devices", "add", where, "--name", "My bench board"]) == 2
    assert f"--accept {fingerprint}" in capsys.readouterr().err
    assert boards().found == {}

    accepted = ["--accept", fingerprint]
    assert main(["devices", "add", where, *accepted, "--name", "My bench board", "--json"]) == 0
    added = json.loads(capsys.readouterr().out)
    assert added["board"]["name"] == "My bench board"
    assert added["board"]["serial"]
    assert {check["state"] for check in added["checks"]} <= {"ok", "warn", "unknown"}

    assert main(["devices", "check", "My bench board"]) == 0
    assert "✓ Python" in capsys.readouterr().out

    words = ["bench", str(sample_model), "--device", "My bench board", "--runtime", "onnxruntime"]
    assert main([*words, "--blocks", "2", "--threads", "1", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["device"] == "My bench board"
    assert report["results"][0]["provenance"]["device"]["id"] == added["board"]["id"]

    assert main(["devices", "remove", "My bench board"]) == 0
    assert boards().found == {}
    assert not (sshd.home / ".edgewright").exists()
    assert public_line_of(own_key()) not in (sshd.home / ".ssh" / "authorized_keys").read_text()


@pytest.mark.parametrize("where", ["no-user", "@host", "user@", ""])
def test_that_what_is_no_address_is_refused(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "add", where]) == 2
    assert capsys.readouterr().err
