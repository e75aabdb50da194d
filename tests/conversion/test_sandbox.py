"""What a hostile program in the sandbox can do is what is said, and no more."""

import json
import os
import socket
import sys
import textwrap
from pathlib import Path

import pytest

from core.conversion.sandbox import Errand, protection, run_confined
from core.errors import JobCancelled, WorkerDied

HOSTILE = """
    import json, os, socket, subprocess, sys

    def attempt(name, act):
        try:
            act()
            found[name] = True
        except OSError:
            found[name] = False

    found = {}
    place = json.loads(sys.argv[1])
    attempt("write inside", lambda: open("inside.txt", "w").close())
    attempt("write outside", lambda: open(place["outside"], "w").close())
    attempt("change a file", lambda: open(place["secret"], "a").close())
    attempt("remove a file", lambda: os.remove(place["secret"]))
    attempt("read a file", lambda: open(place["secret"]).close())
    attempt("list a folder", lambda: os.listdir(place["folder"]))
    attempt("read the model", lambda: open(place["model"]).close())
    attempt("connect", lambda: socket.create_connection(("127.0.0.1", place["port"]), 5))
    attempt("listen", lambda: socket.socket(socket.AF_UNIX).bind("here"))
    attempt("run a program", lambda: subprocess.run(["/bin/true"]))
    attempt("fork", lambda: os.fork() or os._exit(0))
    attempt("signal another", lambda: os.kill(place["parent"], 0))
    attempt("look into another", lambda: open(f"/proc/{place['parent']}/environ").close())
    found["environment"] = sorted(set(os.environ) & {"SECRET_TOKEN", "USER", "PYTHONPATH"})
    print(json.dumps({"found": found}), flush=True)
"""


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def errand(tmp_path: Path, scratch: Path, program: str, **places: object) -> Errand:
    file = tmp_path / "program.py"
    file.write_text(textwrap.dedent(program))
    model = tmp_path / "model.bin"
    model.touch()
    argument = json.dumps({"model": str(model), **places})
    return Errand(Path(sys.executable), str(file), argument, (file, model), scratch)


def said(work: Errand) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    messages: list[dict[str, object]] = []
    measures = run_confined(work, messages.append)
    return [message for message in messages if message], measures


def test_that_a_hostile_program_can_do_no_more_than_is_said(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "of the user")
    secret = tmp_path / "secret.txt"
    secret.write_text("of the user")
    with socket.create_server(("127.0.0.1", 0)) as server:
        messages, measures = said(
            errand(
                tmp_path,
                scratch,
                HOSTILE,
                outside=str(tmp_path / "outside.txt"),
                secret=str(secret),
                folder=str(tmp_path),
                port=server.getsockname()[1],
                parent=os.getpid(),
            )
        )
    found = messages[-1]["found"]
    promised = protection().in_force
    files = any("scratch folder" in sentence for sentence in promised)
    calls = any("no network" in sentence for sentence in promised)
    assert set(promised) <= set(measures)
    assert found == {
        "write inside": True,
        "write outside": not files,
        "change a file": not files,
        "remove a file": not files,
        "read a file": not files,
        "list a folder": not files,
        "read the model": True,
        "connect": not calls,
        "listen": not calls,
        "run a program": not calls,
        "fork": not calls,
        "signal another": not calls,
        "look into another": not files,
        "environment": [],
    }


def test_that_threads_may_start_and_memory_is_limited(tmp_path: Path, scratch: Path) -> None:
    program = """
        import json, threading
        thread = threading.Thread(target=print)
        thread.start()
        thread.join()
        try:
            bytearray(1 << 46)
        except MemoryError:
            print(json.dumps({"say": "out of memory"}), flush=True)
    """
    messages, _ = said(errand(tmp_path, scratch, program))
    assert messages[-1] == {"say": "out of memory"}


def test_that_what_it_says_is_not_believed(tmp_path: Path, scratch: Path) -> None:
    program = """
        print('{"in_force": ["files", "calls", "network", "limits", "magic"]}')
        print("no JSON")
        print("[" * 100_000)
        print("[1]")
    """
    messages, measures = said(errand(tmp_path, scratch, program))
    assert len(messages) == 2
    assert set(measures) <= set(said(errand(tmp_path, scratch, ""))[1])


def test_that_its_end_is_told_in_words(tmp_path: Path, scratch: Path) -> None:
    with pytest.raises(WorkerDied) as caught:
        said(errand(tmp_path, scratch, "import sys; sys.exit('the end of the world')"))
    assert "ended with code 1" in caught.value.why
    assert "the end of the world" in caught.value.why


def test_that_it_ends_when_the_person_cancels(tmp_path: Path, scratch: Path) -> None:
    program = """
        import os, json, time
        print(json.dumps({"pid": os.getpid()}), flush=True)
        time.sleep(600)
    """
    pids: list[int] = []

    def stop(message: dict[str, object]) -> None:
        if isinstance(pid := message.get("pid"), int):
            pids.append(pid)
            raise JobCancelled

    with pytest.raises(JobCancelled):
        run_confined(errand(tmp_path, scratch, program), stop)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
