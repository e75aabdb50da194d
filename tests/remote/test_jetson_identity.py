from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.devices import devices
from core.devices.profile import profile_for
from core.remote.checks import Check
from core.remote.connection import connect
from core.remote.jetson_checks import check_jetson
from core.remote.jetson_identity import Jetson, jetson_of, look_at
from core.remote.kinds import recognized
from core.tensorrt.version import TensorRtVersion
from tests.fake_tools.jetson import BOARDS, FakeJetson, fake_jetson

EXPECTED = {
    "nano-4gb-jetpack-4.6": ("4.6.1", "32.7.1", (8, 2, 1), "p3448-0000", "5.3", "MAXN"),
    "xavier-nx-jetpack-5.1": (
        "5.1.2",
        "35.4.1",
        (8, 5, 2),
        "p3668-0001",
        "7.2",
        "MODE_10W_DESKTOP",
    ),
    "orin-nano-jetpack-6.2": ("6.2.1", "36.4.4", (10, 3, 0), "p3767-0005", "8.7", "25W"),
    "thor-jetpack-7.1": ("7.1", "38.4.0", (10, 13, 3), "p3834-0008", "11.0", "120W"),
}
PROFILES = {
    "nano-4gb-jetpack-4.6": "jetson-nano-4gb",
    "xavier-nx-jetpack-5.1": "jetson-xavier-nx-8gb",
    "orin-nano-jetpack-6.2": "jetson-orin-nano-8gb-super",
    "thor-jetpack-7.1": "jetson-agx-thor",
}


def looked_at(fake: FakeJetson) -> Jetson:
    with connect(fake.board) as connection:
        return look_at(connection)


def checked(fake: FakeJetson) -> dict[str, Check]:
    with connect(fake.board) as connection:
        return {check.id: check for check in check_jetson(connection)}


@pytest.mark.parametrize("kind", BOARDS)
def test_that_each_board_says_what_it_is(kind: str, tmp_path: Path) -> None:
    jetpack, l4t, tensorrt, module, capability, mode = EXPECTED[kind]
    with fake_jetson(tmp_path, kind) as fake:
        found = looked_at(fake)
        with connect(fake.board) as connection:
            assert recognized(connection).name == "jetson"

    assert (found.jetpack, found.l4t) == (jetpack, l4t)
    assert found.tensorrt == TensorRtVersion(*tensorrt)
    assert found.trtexec.endswith("/usr/src/tensorrt/bin/trtexec")
    assert (found.module, found.serial) == (module, fake.script["serial"])
    assert found.compute_capability == capability
    assert found.mode is not None
    assert found.mode.name == mode
    assert found.cores == found.cores_on == fake.script["cores"]
    profile = profile_for(found.facts(fake.board))
    assert profile is not None
    assert profile.id.startswith(PROFILES[kind])


def test_that_checks_of_a_healthy_board_find_nothing_that_forbids_work(tmp_path: Path) -> None:
    with fake_jetson(tmp_path, "orin-nano-jetpack-6.2") as fake:
        found = checked(fake)

    assert {check.state for check in found.values()} <= {"ok", "warn"}
    assert found["jetpack"].detail == "JetPack 6.2.1, Jetson Linux 36.4.4"
    assert found["mode"].detail == "25W; also: 15W, MAXN_SUPER"
    assert found["fan"].detail == "at 40 %"
    assert "Orin Nano 8GB" in found["profile"].detail
    assert found["clocks"].state == "warn"
    assert "jetson_clocks" in found["clocks"].remedy


def without_tensorrt(fake: FakeJetson) -> None:
    fake.change(packages={"nvidia-l4t-core": "36.4.4-20250616085344"})


def without_trtexec(fake: FakeJetson) -> None:
    (fake.root / "usr/src/tensorrt/bin/trtexec").unlink()


def without_room(fake: FakeJetson) -> None:
    fake.change(free_disk_kb=90_000)


def without_tegrastats(fake: FakeJetson) -> None:
    (fake.root / "bin/tegrastats").unlink()


def without_memory(fake: FakeJetson) -> None:
    (fake.root / "proc/meminfo").write_text(
        "MemTotal: 4059380 kB\nMemAvailable: 400000 kB\nSwapTotal: 0 kB\n"
    )


def with_much_to_do(fake: FakeJetson) -> None:
    (fake.root / "proc/loadavg").write_text("5.80 5.10 4.00 6/300 4242\n")


def with_sudo_that_asks(fake: FakeJetson) -> None:
    fake.change(sudo_without_password=False)


@pytest.mark.parametrize(
    ("ill", "id", "state", "remedy"),
    [
        (without_tensorrt, "tensorrt", "failed", "nvidia-jetpack"),
        (without_trtexec, "trtexec", "failed", "libnvinfer-bin"),
        (without_room, "disk", "failed", "Delete"),
        (without_tegrastats, "sensors", "warn", "nvidia-l4t-tools"),
        (without_memory, "memory", "warn", "Close programs"),
        (without_memory, "swap", "warn", "swapon"),
        (with_much_to_do, "quiet", "warn", "end them"),
        (with_sudo_that_asks, "rights", "unknown", "password"),
    ],
)
def test_that_what_a_board_lacks_is_said_with_its_remedy(
    ill: Callable[[FakeJetson], None], id: str, state: str, remedy: str, tmp_path: Path
) -> None:
    with fake_jetson(tmp_path, "orin-nano-jetpack-6.2") as fake:
        ill(fake)
        found = checked(fake)[id]

    assert found.state == state
    assert remedy in found.remedy


def test_that_a_board_without_tensorrt_is_a_device_that_says_why_it_cannot_be_used(
    tmp_path: Path,
) -> None:
    with fake_jetson(tmp_path, "nano-4gb-jetpack-4.6") as fake:
        without_trtexec(fake)
        facts = looked_at(fake).facts(fake.board)

    assert facts.runtimes == {}
    assert "nvidia-jetpack" in facts.missing_runtimes["tensorrt"]


def test_that_a_release_nobody_listed_is_still_of_its_line() -> None:
    found = jetson_of({"release": "# R36 (release), REVISION: 9.9, GCID: 1"})

    assert (found.l4t, found.jetpack) == ("36.9.9", "6")


def test_that_a_release_is_also_read_from_the_package() -> None:
    assert jetson_of({"core": "35.4.1-20230801124926"}).jetpack == "5.1.2"


def test_that_a_board_that_says_nothing_is_described_without_guesses() -> None:
    found = jetson_of({})

    assert (found.chip, found.jetpack, found.tensorrt, found.mode) == ("", "", None, None)
    assert (found.free_memory_bytes, found.free_disk_bytes, found.fan) == (None, None, None)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            (
                *("model", "chip", "parts", "release", "core", "tensorrt", "memory", "disk"),
                *("cores", "load", "mode", "modes", "fan", "trtexec", "governors", "sudo"),
            )
        ),
        st.text(max_size=200) | st.text("0123456789-:.,R ", max_size=60),
    )
)
def test_that_whatever_a_board_says_about_itself_is_taken_or_left(said: dict[str, str]) -> None:
    found = jetson_of(said)

    assert len(found.model) <= 200
    assert found.model.isprintable()
    assert all(mode.name.isprintable() for mode in found.modes)


def test_that_jetsons_are_a_kind_of_device() -> None:
    assert devices()["jetson"].label == "NVIDIA Jetson"
