"""Reads the energy counters of a PC's processor (Intel's RAPL, which AMD has as well).

Linux shows them under /sys/class/powercap; since 2020 only the administrator may read them
(CVE-2020-8694). Each processor package has one counter in microjoules that starts again from 0.
Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter “Power and thermal
management”.
"""

from dataclasses import dataclass
from pathlib import Path

_POWERCAP = Path("/sys/class/powercap")
_MICRO = 1e-6


@dataclass
class _Package:
    file: Path
    range: int
    """The counter starts again after so many microjoules."""
    last: int
    joules: float = 0.0


class ProcessorEnergy:
    """The energy that all processor packages took since this was made.

    `missing` says why it cannot be read, with a remedy; empty where it can.
    """

    source = "RAPL"
    covers = "the processor"

    def __init__(self, powercap: Path = _POWERCAP) -> None:
        self._packages: list[_Package] = []
        self.missing = ""
        try:
            for folder in sorted(powercap.glob("intel-rapl:*")):
                if (folder / "name").read_text().startswith("package"):
                    self._packages.append(_package(folder))
        except PermissionError:
            self.missing = (
                "Not measured: only the administrator may read the processor’s energy counter. "
                "Allow it until the next start with: "
                "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj"
            )
        except (OSError, ValueError) as error:
            self.missing = f"Not measured: the processor’s energy counter cannot be read ({error})."
        if not self._packages and not self.missing:
            self.missing = (
                "Not measured: this computer shows no energy counter of its processor. Virtual "
                "machines and most boards have none; a power meter at the plug would tell."
            )

    def joules(self) -> float | None:
        """None where it cannot be read. To be asked at least once a minute: counters wrap."""
        if self.missing:
            return None
        try:
            return sum(_advanced(package) for package in self._packages)
        except (OSError, ValueError) as error:
            self.missing = f"Not measured: the energy counter stopped answering ({error})."
            return None


def _package(folder: Path) -> _Package:
    file = folder / "energy_uj"
    largest = int((folder / "max_energy_range_uj").read_text())
    return _Package(file, largest, int(file.read_text()))


def _advanced(package: _Package) -> float:
    now = int(package.file.read_text())
    gone = now - package.last
    package.joules += (gone if gone >= 0 else gone + package.range) * _MICRO
    package.last = now
    return package.joules
