import pytest

from core.jobs.kinds.device_add import short_name


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (
            "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
            "Jetson Orin Nano Super",
        ),
        ("NVIDIA Jetson Nano 2GB Developer Kit", "Jetson Nano 2GB"),
        ("NVIDIA Jetson AGX Thor Developer Kit", "Jetson AGX Thor"),
        ("Raspberry Pi 5 Model B Rev 1.0", "Raspberry Pi 5 Model B Rev 1.0"),
        ("", ""),
    ],
)
def test_that_a_kits_name_is_made_short(model: str, name: str) -> None:
    assert short_name(model) == name
