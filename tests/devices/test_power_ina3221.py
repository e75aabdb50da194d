from pathlib import Path

import pytest

from core.devices.power.ina3221 import PATTERNS, read_ina3221


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return root


def sensor_files(sys: Path) -> dict[str, str]:
    """What a board is asked for: the files of its monitors with what they hold."""
    found = (file for pattern in PATTERNS for file in sys.glob(pattern))
    return {str(file): file.read_text().strip() for file in found}


HWMON = "bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1"
IIO = "bus/i2c/drivers/ina3221x/6-0040/iio:device0"


def test_that_volts_and_amperes_of_newer_kernels_give_watts(tmp_path: Path) -> None:
    sys = write(
        tmp_path,
        {
            f"{HWMON}/in1_label": "VDD_IN",
            f"{HWMON}/in1_input": "5000",
            f"{HWMON}/curr1_input": "1200",
            f"{HWMON}/in2_label": "VDD_CPU_GPU_CV",
            f"{HWMON}/in2_input": "5000",
            f"{HWMON}/curr2_input": "100",
        },
    )

    found = read_ina3221(sensor_files(sys), 3.0)

    assert found is not None
    assert found.watts == pytest.approx(6.0)
    assert found.rails == pytest.approx({"VDD_IN": 6.0, "VDD_CPU_GPU_CV": 0.5})
    assert found.at == 3.0


def test_that_milliwatts_of_the_kernel_of_jetpack_4_are_read(tmp_path: Path) -> None:
    sys = write(
        tmp_path,
        {f"{IIO}/rail_name_0": "POM_5V_IN", f"{IIO}/in_power0_input": "2532"},
    )

    found = read_ina3221(sensor_files(sys), 0.0)

    assert found is not None
    assert found.watts == pytest.approx(2.532)


@pytest.mark.parametrize("amperes", ["", "-", "much", "99999999999999999999"])
def test_that_a_rail_whose_figures_make_no_sense_is_left_out(tmp_path: Path, amperes: str) -> None:
    sys = write(
        tmp_path,
        {
            f"{HWMON}/in1_label": "VDD_IN",
            f"{HWMON}/in1_input": "5000",
            f"{HWMON}/curr1_input": amperes,
        },
    )

    assert read_ina3221(sensor_files(sys), 0.0) is None


def test_that_rails_whose_sum_means_nothing_have_no_total(tmp_path: Path) -> None:
    sys = write(tmp_path, {f"{IIO}/rail_name_1": "POM_5V_GPU", f"{IIO}/in_power1_input": "40"})

    found = read_ina3221(sensor_files(sys), 0.0)

    assert found is not None
    assert (found.watts, found.rails) == (None, {"POM_5V_GPU": 0.04})


def test_that_a_computer_without_monitors_tells_nothing(tmp_path: Path) -> None:
    assert read_ina3221(sensor_files(tmp_path), 0.0) is None
