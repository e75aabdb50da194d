from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from core.devices.power.rapl import ProcessorEnergy

RANGE = 262_143_328_850
"""Microjoules, as a Xeon says in max_energy_range_uj."""


def package(powercap: Path, number: int, microjoules: int) -> Path:
    folder = powercap / f"intel-rapl:{number}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "name").write_text(f"package-{number}\n")
    (folder / "max_energy_range_uj").write_text(f"{RANGE}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    return folder / "energy_uj"


def test_that_the_energy_of_all_packages_is_counted_from_when_it_was_made(tmp_path: Path) -> None:
    first, second = package(tmp_path, 0, 7_000_000), package(tmp_path, 1, 1_000_000)
    energy = ProcessorEnergy(tmp_path)
    first.write_text("9500000\n")
    second.write_text("2000000\n")

    assert energy.missing == ""
    assert energy.joules() == pytest.approx(3.5)
    assert energy.joules() == pytest.approx(3.5)


def test_that_a_counter_that_starts_again_goes_on(tmp_path: Path) -> None:
    counter = package(tmp_path, 0, RANGE - 1_000_000)
    energy = ProcessorEnergy(tmp_path)
    counter.write_text("2000000\n")

    assert energy.joules() == pytest.approx(3.0)


def test_that_parts_of_a_package_are_not_counted_twice(tmp_path: Path) -> None:
    counter = package(tmp_path, 0, 0)
    for part, name in (("intel-rapl:0:0", "core"), ("intel-rapl:1", "psys")):
        folder = tmp_path / part
        folder.mkdir()
        (folder / "name").write_text(f"{name}\n")
        (folder / "max_energy_range_uj").write_text(f"{RANGE}\n")
        (folder / "energy_uj").write_text("0\n")
    energy = ProcessorEnergy(tmp_path)
    counter.write_text("4000000\n")
    (tmp_path / "intel-rapl:1" / "energy_uj").write_text("9000000\n")

    assert energy.joules() == pytest.approx(4.0)


def test_that_a_computer_without_counters_says_not_measured_and_what_would_help(
    tmp_path: Path,
) -> None:
    energy = ProcessorEnergy(tmp_path / "none")

    assert energy.joules() is None
    assert energy.missing.startswith("Not measured:")
    assert "power meter" in energy.missing


def test_that_a_counter_only_the_administrator_may_read_is_not_measured_with_the_remedy(
    public_folder: Path, read_only: Callable[[Path], AbstractContextManager[None]]
) -> None:
    counter = package(public_folder, 0, 0)
    counter.parent.chmod(0o755)
    counter.chmod(0)
    with read_only(public_folder):
        energy = ProcessorEnergy(public_folder)

    assert energy.joules() is None
    assert "only the administrator" in energy.missing
    assert "sudo chmod a+r" in energy.missing


def test_that_a_counter_that_vanishes_meanwhile_is_no_longer_measured(tmp_path: Path) -> None:
    counter = package(tmp_path, 0, 0)
    energy = ProcessorEnergy(tmp_path)
    counter.unlink()

    assert energy.joules() is None
    assert energy.missing.startswith("Not measured: the energy counter stopped")


@pytest.mark.parametrize("text", ["", "many", "-"])
def test_that_nonsense_in_a_counter_is_not_measured(tmp_path: Path, text: str) -> None:
    package(tmp_path, 0, 0).write_text(text)

    assert ProcessorEnergy(tmp_path).missing.startswith("Not measured:")
