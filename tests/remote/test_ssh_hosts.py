"""The hosts of a person's own SSH configuration, as `ssh` itself reads them."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.remote.ssh_hosts import SshHost, ssh_hosts


def hosts_in(folder: Path, text: str) -> tuple[SshHost, ...]:
    file = folder / "config"
    file.write_text(text, encoding="utf-8")
    return ssh_hosts(file)


def test_that_named_hosts_come_with_address_user_and_port(tmp_path: Path) -> None:
    found = hosts_in(
        tmp_path,
        """
        # boards
        Host nano orin
            HostName 10.0.0.5
            User nvidia
            Port 2222
        Host "pi.local"
            User=pi
        """,
    )
    assert found == (
        SshHost("nano", "10.0.0.5", "nvidia", 2222),
        SshHost("orin", "10.0.0.5", "nvidia", 2222),
        SshHost("pi.local", "pi.local", "pi", 22),
    )


def test_that_the_first_word_counts_and_patterns_are_no_hosts(tmp_path: Path) -> None:
    found = hosts_in(
        tmp_path,
        """
        Host board
            User first
            User second
            HostName %h.example
        Host * !secret lab-?
            User everybody
        Match user root
            HostName 1.2.3.4
        Host board
            Port 99
        """,
    )
    assert found == (SshHost("board", "board.example", "first", 22),)


def test_that_included_files_are_read_and_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "boards.conf").write_text("Host inner\n  User me\nInclude ../config\n")
    found = hosts_in(tmp_path, "Include more/*.conf\nHost outer\n")
    assert [host.name for host in found] == ["inner", "outer"]
    assert found[0].user == "me"


def test_that_without_a_configuration_there_are_no_hosts(tmp_path: Path) -> None:
    assert ssh_hosts(tmp_path / "config") == ()
    assert ssh_hosts(tmp_path) == ()


@given(st.text(max_size=300))
def test_that_no_text_breaks_the_reading(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for host in hosts_in(Path(folder), text.replace("\r", "\n")):
            assert host.name and host.host
            assert 0 <= host.port < 65536
