"""Whom a profile describes: what boards and processors call themselves in public sources."""

import pytest

from core.devices.base import DeviceFacts
from core.devices.profile import profile_for


def device(board: str = "", processor: str = "", **facts: object) -> DeviceFacts:
    told = {
        "id": "x",
        "name": "X",
        "kind": "x",
        "board": board,
        "processor": processor,
        "architecture": "aarch64",
        "cores": 6,
        "threads": 6,
        "memory_bytes": 7_900_000_000,
        "instructions": (),
        "boost": "",
        "boost_detail": "",
        "runtimes": {},
        "missing_runtimes": {},
        "operating_system": "Linux",
    }
    return DeviceFacts.model_validate({**told, **facts})


@pytest.mark.parametrize(
    ("board", "gigabytes", "expected"),
    [
        ("NVIDIA Jetson Nano Developer Kit", 4.1, "jetson-nano-4gb"),
        ("NVIDIA Jetson Nano 2GB Developer Kit", 2.0, "jetson-nano-2gb"),
        ("quill p3310-1000", 8.2, "jetson-tx2"),
        ("Jetson-AGX", 32.7, "jetson-agx-xavier-32gb"),
        ("Jetson-AGX", 16.5, "jetson-agx-xavier-16gb"),
        ("NVIDIA Jetson Xavier NX Developer Kit p3668-0000", 8.0, "jetson-xavier-nx-8gb"),
        ("NVIDIA Jetson AGX Orin Developer Kit p3701-0005", 64, "jetson-agx-orin-64gb"),
        ("NVIDIA Jetson AGX Orin Developer Kit", 32, "jetson-agx-orin-devkit-32gb"),
        ("NVIDIA Jetson Orin Nano Developer Kit p3767-0005", 7.9, "jetson-orin-nano-8gb"),
        (
            "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super p3767-0005",
            7.9,
            "jetson-orin-nano-8gb-super",
        ),
        ("NVIDIA Jetson AGX Thor Developer Kit", 128, "jetson-agx-thor-t5000"),
        ("Raspberry Pi 3 Model B Plus Rev 1.3", 1, "rpi-3b+"),
        ("Raspberry Pi 3 Model B Rev 1.2", 1, "rpi-3b"),
        ("Raspberry Pi 5 Model B Rev 1.0", 8, "rpi-5"),
    ],
)
def test_that_a_board_has_its_profile(board: str, gigabytes: float, expected: str) -> None:
    found = profile_for(device(board, memory_bytes=round(gigabytes * 1e9)))
    assert found is not None
    assert (found.id, found.memory_gb) == (expected, gigabytes)


@pytest.mark.parametrize(
    ("processor", "expected"),
    [
        ("Intel(R) Core(TM) i7-8700T CPU @ 2.40GHz", "intel-core-i7-8700t"),
        ("Intel(R) Core(TM) Ultra 7 155H", "intel-core-ultra-7-155h"),
        ("Intel(R) Xeon(R) Platinum 8490H", "intel-xeon-8490h-2s"),
        ("Intel(R) Xeon(R) Platinum 8380H CPU @ 2.90GHz", "intel-xeon-8380h-cpx"),
        ("Intel(R) N100", "intel-n100"),
    ],
)
def test_that_a_processor_is_known_by_its_name(processor: str, expected: str) -> None:
    found = profile_for(device(processor=processor, architecture="x86_64"))
    assert found is not None and found.id == expected


def test_that_an_unlisted_processor_is_taken_as_one_with_the_same_instructions() -> None:
    amx = ("avx2", "avx512", "vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
    found = profile_for(
        device(processor="Some Xeon", architecture="x86_64", instructions=amx, cores=2)
    )
    assert found is not None
    assert "amx_int8" in found.instructions
    assert (found.name, found.cores, found.sockets) == ("Some Xeon", 2, 1)
    assert "same kind of instructions" in found.note
    assert found.confidence_of("peaks") == "assumed"


def test_that_few_cores_have_their_share_of_a_large_processor() -> None:
    whole = profile_for(device(processor="Platinum 8490H", cores=120))
    part = profile_for(device(processor="Platinum 8490H", cores=30))
    assert whole is not None and part is not None
    assert part.peaks["i8"] == pytest.approx(whole.peaks["i8"] / 4)
    assert (whole.bandwidth_gbs or 0) > (part.bandwidth_gbs or 0)
    assert (whole.sockets, part.sockets) == (2, 1)


def test_that_nothing_is_made_up_for_an_unknown_device() -> None:
    assert profile_for(device("Toaster 3000", "RISC-V")) is None
    assert profile_for(device(processor="Old", architecture="x86_64")) is None
