"""A scripted Jetson on loopback: a real SSH server whose tools replay what real boards say.

Commands run for real in a shell of this computer, with our stand-ins before everything else on the
path; the system files that a Jetson has lie in a folder, and their paths are rewritten on the way.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import stat
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

from core.remote.board import Board
from core.tensorrt.dialects import dialect_of
from core.tensorrt.version import TensorRtVersion

HERE = Path(__file__).resolve().parent
BOARDS = tuple(sorted(file.stem for file in (HERE / "boards").glob("*.toml")))
USER = "nvidia"
PASSWORD = "only-for-this-test"
HURRY = 10
"""So many times faster than a real board do its stand-ins go."""
_SYSTEM = re.compile(
    r"(?<![\w./-])/(?=(?:proc/(?:device-tree|sys/kernel|meminfo|loadavg)|sys|usr/src/tensorrt"
    r"|etc/(?:nv_tegra_release|nvpmodel\.conf|os-release|machine-id))(?![\w-]))"
)
_ENGINE_LAYERS = {"Layers": [], "Bindings": []}


class FakeJetson:
    """One board. Use `fake_jetson` to start it; attributes may be changed while it runs."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.root = folder / "root"
        self.home = folder / "home"
        self.kind = kind
        self.script: dict[str, Any] = tomllib.loads(
            (HERE / "boards" / f"{kind}.toml").read_text(encoding="utf-8")
        )
        dialect = dialect_of(TensorRtVersion.parse(self.script["trtexec"]))
        self.script |= {
            "options": sorted(option.removeprefix("--") for option in dialect.known_options),
            "hurry": HURRY,
            "password": PASSWORD,
            "sudo_without_password": True,
            "free_disk_kb": 20_000_000,
            "disk_full": False,
            "no_memory": False,
            "build_waits": False,
            "always_working": False,
            "unstable": False,
            "restarts_in_runs": [],
            "slowed_in_runs": [],
            "inferences": 700,
            "latency_ms": {"other": 10.0},
            "faster_by": {"--fp16": 0.5, "--int8": 0.6},
            "engine_layers": _ENGINE_LAYERS,
            "layer_times": [{"count": 700}],
        }
        self.port = 0
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.passwords_seen: list[str] = []
        self.takes_any_key = True
        """Otherwise only those that were installed in ~/.ssh/authorized_keys."""
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._children: set[asyncio.subprocess.Process] = set()
        self._runs: set[asyncio.Task[Any]] = set()
        self._make_root()
        self.write_script()

    @property
    def board(self) -> Board:
        """As it is after it was added."""
        key = self.host_key.export_public_key("openssh").decode().split()
        return Board(
            name="My Jetson",
            kind="jetson",
            host="127.0.0.1",
            port=self.port,
            user=USER,
            host_key=" ".join(key[:2]),
            serial=self.script["serial"],
        )

    def lets_in(self, key: asyncssh.SSHKey) -> bool:
        """Whether this key may log in."""
        file = self.home / ".ssh" / "authorized_keys"
        line = " ".join(key.export_public_key("openssh").decode().split()[:2])
        return self.takes_any_key or (file.exists() and line in file.read_text())

    def change(self, **script: Any) -> None:
        """Change how the board behaves from now on."""
        self.script |= script
        self.write_script()

    def write_script(self) -> None:
        new = self.root / "board.json.new"
        new.write_text(json.dumps(self.script))
        new.replace(self.root / "board.json")
        script = self.script
        shutil.rmtree(self.root / "script", ignore_errors=True)
        self._write("script/free_disk_kb", f"{script['free_disk_kb']}\n")
        self._write("script/sudo_asks", f"{not script['sudo_without_password']}\n")
        self._write("script/password", f"{script['password']}\n")
        for name, version in script["packages"].items():
            self._write(f"script/packages/{name}", f"{version}\n")
        for mode in script["modes"]:
            self._write(f"script/modes/{mode['id']}", f"{mode['name']}\n")
            if mode.get("needs_restart"):
                self._write(f"script/modes/{mode['id']}.needs-restart", "")

    def remembered(self, name: str) -> str:
        """What a stand-in noted; empty for nothing."""
        file = self.root / "state" / name
        return file.read_text() if file.exists() else ""

    def restart(self) -> None:
        """Everything on the board ends, connections break, and it has a new boot id."""
        asyncio.run_coroutine_threadsafe(self._restart(), self._loop).result()

    def pull_cable(self) -> None:
        """Connections break; the board itself goes on."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    def running(self) -> list[str]:
        """Command lines of our stand-ins that run now."""
        mark = f"FAKE_BOARD={self.root}".encode()
        found: list[str] = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    async def _restart(self) -> None:
        self._write("proc/sys/kernel/random/boot_id", f"{os.urandom(8).hex()}\n")
        for child in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        self._end_all()
        await self._drop()

    def _end_all(self) -> None:
        mark = f"FAKE_BOARD={self.root}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ProcessLookupError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)

    async def _drop(self) -> None:
        for connection in list(self._connections):
            connection.abort()

    def _make_root(self) -> None:
        script = self.script
        for folder in ("bin", "state", "answers"):
            (self.root / folder).mkdir(parents=True)
        self.home.mkdir(parents=True)
        (self.root / "state").chmod(0o700)
        self._write("proc/device-tree/model", f"{script['model']}\0")
        self._write("proc/device-tree/serial-number", f"{script['serial']}\0")
        self._write("proc/device-tree/compatible", "\0".join([*script["compatible"], ""]))
        self._write("proc/sys/kernel/random/boot_id", "00000000-1111-2222-3333-444444444444\n")
        self._write("proc/loadavg", "0.10 0.12 0.11 1/300 4242\n")
        free = script["memory_kb"] * 3 // 4
        swap = "SwapTotal: 1982128 kB\nSwapFree: 1982128 kB\n"
        total = f"MemTotal: {script['memory_kb']} kB\n"
        self._write("proc/meminfo", f"{total}MemAvailable: {free} kB\n{swap}")
        self._write("etc/nv_tegra_release", f"{script['release']}\n")
        self._write("etc/os-release", f'PRETTY_NAME="{script["system"]}"\n')
        modes = (f"< POWER_MODEL ID={one['id']} NAME={one['name']} >" for one in script["modes"])
        self._write("etc/nvpmodel.conf", "\n".join(modes) + "\n")
        self._write_sys()
        now = next(mode["id"] for mode in script["modes"] if mode.get("now"))
        self._write("state/mode", f"{now}\n")
        self._write("state/clocks", "free")
        for tool in ("sudo", "nvpmodel", "jetson_clocks", "dpkg-query", "df"):
            self._write(f"bin/{tool}", (HERE / "bin" / tool).read_text(encoding="utf-8"))
            (self.root / "bin" / tool).chmod(stat.S_IRWXU)
        self._install("tegrastats", "bin/tegrastats")
        self._write("bin/python3", "#!/bin/sh\necho Python 3.10.12\n")
        (self.root / "bin/python3").chmod(stat.S_IRWXU)
        self._install("trtexec", "usr/src/tensorrt/bin/trtexec")

    def _write_sys(self) -> None:
        cores = self.script["cores"]
        self._write("sys/devices/system/cpu/present", f"0-{cores - 1}\n")
        self._write("sys/devices/system/cpu/online", f"0-{cores - 1}\n")
        for core in range(cores):
            folder = f"sys/devices/system/cpu/cpu{core}/cpufreq"
            self._write(f"{folder}/scaling_governor", "schedutil\n")
            claimed = self.script.get("claimed_khz", 1_497_600)
            self._write(f"{folder}/scaling_cur_freq", f"{claimed}\n")
            counted = self.script.get("counted_khz", claimed)
            self._write(f"{folder}/cpuinfo_cur_freq", f"{counted}\n")
        self._write("sys/class/hwmon/hwmon2/pwm1", "102\n")
        self._write("sys/class/hwmon/hwmon3/oc3_event_cnt", "4\n")
        self._write("sys/class/thermal/cooling_device0/type", "gpu-throttle-alert\n")
        self._write("sys/class/thermal/cooling_device0/cur_state", "0\n")

    def _write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def _install(self, tool: str, path: str) -> None:
        line = f'exec "{sys.executable}" -S "{HERE / "bin" / tool}" "$@"'
        self._write(path, f"#!/bin/sh\n{line}\n")
        (self.root / path).chmod(stat.S_IRWXU)

    async def _serve(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Guard(self, self._connections),
            "127.0.0.1",
            0,
            server_host_keys=[self.host_key],
            process_factory=self._run,
            sftp_factory=True,
            encoding=None,
        )

    async def _run(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        command = _SYSTEM.sub(f"{self.root}/", process.command or "true")
        child = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.home,
            start_new_session=True,
            env={
                "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.home),
                "USER": USER,
                "LANG": "C.UTF-8",
                "FAKE_BOARD": str(self.root),
            },
        )
        self._children.add(child)
        own = asyncio.current_task()
        assert own is not None
        self._runs.add(own)
        assert child.stdin and child.stdout and child.stderr
        given = asyncio.create_task(_pour(process.stdin, child.stdin))
        try:
            said = (_pour(child.stdout, process.stdout), _pour(child.stderr, process.stderr))
            await asyncio.gather(*said)
            process.exit(await child.wait())
        finally:
            given.cancel()
            self._children.discard(child)
            self._runs.discard(own)

    @contextmanager
    def serving(self) -> Iterator["FakeJetson"]:
        """Answer on a free port of loopback until the block ends."""
        thread = threading.Thread(target=self._loop.run_forever, name="jetson", daemon=True)
        thread.start()
        acceptor = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()
        self.port = acceptor.get_port()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(acceptor), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _stop(self, acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        await self._drop()
        while self._runs:
            # A process that was just started may not be known by its environment yet.
            self._end_all()
            await asyncio.wait(self._runs, timeout=0.05)
        await acceptor.wait_closed()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class _Guard(asyncssh.SSHServer):
    """Lets in whoever has a key, or the password."""

    def __init__(self, fake: FakeJetson, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._fake = fake
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and self._fake.lets_in(key)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._fake.passwords_seen.append(password)
        return (username, password) == (USER, PASSWORD)


async def _pour(source: Any, target: Any) -> None:
    """Everything from one stream to another until either ends."""
    with contextlib.suppress(OSError, asyncssh.Error):
        while chunk := await source.read(1 << 16):
            target.write(chunk)
            await target.drain()
    with contextlib.suppress(OSError, asyncssh.Error):
        if isinstance(target, asyncio.StreamWriter):
            target.close()


@contextmanager
def fake_jetson(folder: Path, kind: str) -> Iterator[FakeJetson]:
    """A board of one of BOARDS that answers on loopback until the block ends."""
    with FakeJetson(folder, kind).serving() as fake:
        yield fake
