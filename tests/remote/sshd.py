"""A real sshd on a free loopback port, with keys, a configuration and a home of its own."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core.remote.board import Board

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

CONFIGURATION = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {home}/.ssh/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin yes
LogLevel ERROR
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp -d {home}
SetEnv HOME={home} PATH={path}
"""


@dataclass
class Sshd:
    """The home of the board is `home`; programs in `stand_ins` come before the system's."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    home: Path = field(init=False)
    stand_ins: Path = field(init=False)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.stand_ins = self.folder / "bin"
        for folder in (self.home, self.stand_ins):
            folder.mkdir(parents=True)
        self.new_host_key()

    @property
    def user(self) -> str:
        return getpass.getuser()

    @property
    def host_key(self) -> str:
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    @property
    def board(self) -> Board:
        """As it is after it was added."""
        return Board(
            name="Bench board",
            kind="linux",
            host="127.0.0.1",
            port=self.port,
            user=self.user,
            host_key=self.host_key,
        )

    def new_host_key(self) -> None:
        for name in ("host_key", "host_key.pub"):
            (self.folder / name).unlink(missing_ok=True)
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", ""]
        subprocess.run([*command, "-f", self.folder / "host_key"], check=True)

    def authorize(self, public_line: str) -> None:
        folder = self.home / ".ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "authorized_keys").write_text(f"{public_line}\n")

    def stand_in(self, name: str, script: str) -> None:
        """A program of this name that the board finds before its own."""
        program = self.stand_ins / name
        program.write_text(script)
        program.chmod(0o755)

    def start(self) -> None:
        """Returns once it listens."""
        assert SSHD is not None, "openssh-server is not installed"
        self.port = self.port or free_port()
        path = f"{self.stand_ins}:{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin"
        configuration = self.folder / "sshd_config"
        configuration.write_text(
            CONFIGURATION.format(folder=self.folder, home=self.home, port=self.port, path=path)
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd locks its helper in
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", configuration], stdin=subprocess.DEVNULL, stderr=log
            )
        while not self._listens():
            assert self.process.poll() is None, (self.folder / "log").read_text()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def drop_connections(self) -> None:
        """Ends what serves the connections there are; it goes on to listen."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def stop(self) -> None:
        """Ends it with all its connections and what runs in them."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGSTOP)  # takes no new connection meanwhile
        self.drop_connections()
        self.process.kill()
        self.process.wait()
        self.process = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
