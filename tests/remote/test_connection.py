import shlex
import subprocess
import threading
from pathlib import Path
from queue import SimpleQueue

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BoardError, BoardUnreachable, ConnectionLost, JobCancelled, LoginRefused
from core.remote.board import Board
from core.remote.connection import Connection, connect, first_contact
from core.remote.keys import install_key, own_key, uninstall_key
from core.remote.quoting import command_line
from core.remote.secure_shell import public_line_of
from tests.remote.ending import wait_until_over
from tests.remote.hostile import CANARY, hostile_names
from tests.remote.proxy import CuttingProxy
from tests.remote.sshd import Sshd, free_port

ARGUMENTS = st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1)


@given(ARGUMENTS)
@settings(max_examples=300)
def test_that_every_argument_list_survives_as_it_is(argv: list[str]) -> None:
    assert shlex.split(command_line(argv)) == argv


@pytest.mark.parametrize("argv", [[], ["a\0b"]])
def test_that_what_no_argument_can_hold_is_refused(argv: list[str]) -> None:
    with pytest.raises(ValueError, match=r"argument|command"):
        command_line(argv)


def test_that_hostile_names_arrive_as_they_are_and_run_nothing(
    connection: Connection, sshd: Sshd
) -> None:
    names = hostile_names(500)
    for start in range(0, len(names), 50):
        some = names[start : start + 50]
        said = connection.run(["printf", "%s\\037", *some])
        assert said.out == "".join(f"{name}\x1f" for name in some)
    found = subprocess.run(
        ["find", sshd.folder, "-name", f"*{CANARY}*"], capture_output=True, text=True, check=True
    )
    assert found.stdout == ""


def test_that_a_command_gives_its_code_and_both_its_outputs(connection: Connection) -> None:
    done = connection.run(["sh", "-c", "cat; echo bad >&2; exit 7"], input="given\n")
    assert (done.rc, done.out, done.err) == (7, "given\n", "bad\n")
    assert connection.run(["sh", "-c", "kill -KILL $$"]).rc != 0


def test_that_our_folder_is_for_its_user_alone(connection: Connection, sshd: Sshd) -> None:
    assert connection.folder == str((sshd.home / ".edgewright").resolve())
    assert (sshd.home / ".edgewright").stat().st_mode & 0o777 == 0o700


def test_that_files_that_are_not_there_have_no_text(connection: Connection) -> None:
    assert connection.read("/etc/hostname") == Path("/etc/hostname").read_text().strip()
    assert connection.read("/nowhere/at all") is None
    assert len(connection.boot_id()) == 36


def test_that_a_board_that_says_too_much_is_not_listened_to(connection: Connection) -> None:
    with pytest.raises(BoardError, match="longer than 17 MB"):
        connection.run(["head", "-c", "20000000", "/dev/zero"])


def test_that_a_command_that_hangs_is_given_up(connection: Connection) -> None:
    with pytest.raises(BoardError, match="did not end within"):
        connection.run(["sleep", "600"], timeout=0.1)


def test_that_nothing_at_an_address_is_said_in_words() -> None:
    with pytest.raises(BoardUnreachable, match="does not listen for SSH"):
        first_contact("127.0.0.1", free_port())
    with pytest.raises(BoardUnreachable, match="No computer of this name"):
        first_contact("no-such-board.invalid")


def test_that_a_board_without_our_key_says_that_it_lets_nobody_in(board: Board, sshd: Sshd) -> None:
    sshd.authorize("")
    with pytest.raises(LoginRefused, match="no password was given"), connect(board):
        pass
    with pytest.raises(LoginRefused, match="the password"), connect(board, password="wrong"):
        pass


def test_that_our_key_is_installed_once_and_taken_away_without_the_others(
    connection: Connection, sshd: Sshd
) -> None:
    keys = sshd.home / ".ssh" / "authorized_keys"
    other, line = "ssh-ed25519 AAAAother somebody", public_line_of(own_key())
    keys.write_text(other)  # without a line break at its end
    mode = keys.stat().st_mode

    install_key(connection)
    install_key(connection)
    assert keys.read_text() == f"{other}\n{line}\n"
    assert keys.stat().st_mode == mode

    uninstall_key(connection)
    assert keys.read_text() == f"{other}\n"


def test_that_our_private_key_is_made_once_and_for_us_alone() -> None:
    found: SimpleQueue[Path] = SimpleQueue()
    makers = [threading.Thread(target=lambda: found.put(own_key())) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    paths = {found.get() for _ in makers}
    assert len(paths) == 1
    key = paths.pop()
    assert key.stat().st_mode & 0o777 == 0o600
    assert public_line_of(key).startswith("ssh-ed25519 ")
    assert [file.name for file in key.parent.iterdir()] == [key.name]


def test_that_a_process_tells_its_lines_and_its_code(connection: Connection) -> None:
    out: list[str] = []
    err: list[str] = []
    script = "echo one; echo two; printf three; echo bad >&2; exit 5"
    process = connection.start(["sh", "-c", script], out.append, on_error=err.append)
    assert process.wait() == 5
    assert (out, err) == (["one", "two", "three"], ["bad"])


def test_that_stopping_a_process_ends_all_that_it_started(connection: Connection) -> None:
    lines: SimpleQueue[str] = SimpleQueue()
    stubborn = "trap '' TERM; sleep 600 & echo $!; wait; sleep 600"
    process = connection.start(["sh", "-c", stubborn], lines.put)
    child = psutil.Process(int(lines.get()))
    leader = psutil.Process(process.pid)

    process.stop()

    wait_until_over(child, leader)


def test_that_cancelling_a_wait_ends_the_process_there(connection: Connection) -> None:
    process = connection.start(["sleep", "600"], lambda line: None)
    there = psutil.Process(process.pid)

    def cancel() -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        process.wait(cancel)
    wait_until_over(there)


def test_that_a_process_that_talks_reads_what_it_is_told(connection: Connection) -> None:
    lines: SimpleQueue[str] = SimpleQueue()
    script = 'while read -r word; do [ -n "$word" ] && echo "heard $word"; done'
    process = connection.start(["sh", "-c", script], lines.put, talks=True)
    process.write("you\n")
    assert lines.get() == "heard you"
    process.stop()
    assert process.ended


def test_that_a_pulled_cable_is_told_and_ends_what_runs_there(board: Board) -> None:
    with CuttingProxy(board.port) as way:
        through = board.model_copy(update={"port": way.port})
        with connect(through) as connection:
            process = connection.start(["sleep", "600"], lambda line: None)
            there = psutil.Process(process.pid)
            way.cut_now()
            with pytest.raises(ConnectionLost, match="broke"):
                process.wait()
            with pytest.raises(ConnectionLost):
                connection.run(["true"])
    wait_until_over(there)


def test_that_a_process_that_cannot_be_found_ends_with_the_code_of_that(
    connection: Connection,
) -> None:
    said: list[str] = []
    process = connection.start(["no-such-program"], said.append)
    assert process.wait() == 127
    assert "no-such-program" in "".join(said)


def test_that_a_process_that_never_begins_is_given_up(
    connection: Connection, sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.remote.process._START_SECONDS", 0.1)
    sshd.stand_in("setsid", "#!/bin/sh\nexec sleep 600\n")
    with pytest.raises(BoardError, match="could not be started"):
        connection.start(["true"], lambda line: None)


def test_that_several_boards_are_used_at_once(board: Board) -> None:
    found: SimpleQueue[str] = SimpleQueue()

    def ask(number: int) -> None:
        with connect(board) as connection:
            found.put(connection.run(["echo", str(number)]).out.strip())

    workers = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(found.get() for _ in workers) == [str(number) for number in range(8)]
