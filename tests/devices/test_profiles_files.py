"""The user's own profiles as files, checks with all problems at once, and editing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.devices.profile import DeviceProfile, PowerMode, find_profile, profiles, save_copy
from core.devices.profile_editing import edited, typed
from core.devices.profile_files import remove_own, save_own
from core.devices.profile_text import profile_from_text, text_of_profile
from core.errors import InputError

BROKEN = """
id = "Not An Id"
name = "Mine"
family = "toaster"
clock_mhz = "fast"
precisions = ["f32", "f99"]
"""
WRONG = """
id = "wrong"
name = "Wrong in many ways"
family = "jetson"
units = 8
clock_mhz = 918000
ops_per_cycle = { f16 = 2048 }
peaks = { f16 = 15, i8 = 30 }
power_watts = [25, 10]
default_mode = "MAXN"
precisions = ["f16"]
[confidence]
clock_mhz = "sourced"
clock = "sourced"
[[power_modes]]
id = 0
name = "15W"
[[power_modes]]
id = 0
name = "15W"
gpu_mhz = 1
"""


def reason(folder: Path, text: str) -> list[str]:
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return profiles(folder).failed["own.toml"].splitlines()


def test_that_a_broken_file_is_listed_with_every_reason(tmp_path: Path) -> None:
    fields = {line.split(":")[0] for line in reason(tmp_path, BROKEN)}
    assert fields == {"id", "family", "clock_mhz", "precisions.1"}
    assert len(profiles(tmp_path)) == len(profiles(tmp_path / "empty"))


def test_that_facts_which_cannot_be_are_listed_together(tmp_path: Path) -> None:
    lines = reason(tmp_path, WRONG)
    assert {line.split(":")[0] for line in lines} == {
        *("clock_mhz", "power_modes.1.gpu_mhz", "power_watts", "peaks", "peaks.f16"),
        *("power_modes", "default_mode", "confidence"),
    }
    assert "must lie between 50 and 6000 MHz" in "\n".join(lines)


def test_that_text_which_is_no_toml_is_a_reason(tmp_path: Path) -> None:
    assert reason(tmp_path, "id = ")[0].startswith("It is not TOML")


def test_that_a_file_that_is_not_text_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe\x00")
    assert "own.toml" in profiles(tmp_path).failed


def test_that_an_id_that_is_taken_is_a_reason(tmp_path: Path) -> None:
    taken = text_of_profile(profiles(tmp_path)["rpi-5"])
    assert "called “rpi-5” already" in reason(tmp_path, taken)[0]


def test_that_a_copy_is_one_of_the_users_own(tmp_path: Path) -> None:
    original = profiles(tmp_path)["jetson-orin-nx-16gb"]
    copy = save_copy(original, "Drone Nr. 7", tmp_path)
    known = profiles(tmp_path)
    assert known.own == {copy.id} == {"drone-nr.-7"}
    assert known[copy.id] == copy
    assert (copy.peaks, copy.power_modes) == (original.peaks, original.power_modes)
    assert not copy.module_ids


def test_that_copies_of_one_name_do_not_meet(tmp_path: Path) -> None:
    original = profiles(tmp_path)["rpi-5"]
    ids = [save_copy(original, name, tmp_path).id for name in ("Kiosk", "kiosk", "RPI 5", "日本")]
    assert ids == ["kiosk", "kiosk-1", "rpi-5-1", "profile"]


def test_that_a_changed_file_is_read_again(tmp_path: Path) -> None:
    copy = save_copy(profiles(tmp_path)["rpi-5"], "Kiosk", tmp_path)
    save_own(copy.model_copy(update={"memory_gb": 16.0}), tmp_path)
    assert profiles(tmp_path)["kiosk"].memory_gb == 16
    remove_own("kiosk", tmp_path)
    assert "kiosk" not in profiles(tmp_path)


def test_that_what_came_along_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="came with Edgewright"):
        save_own(profiles(tmp_path)["rpi-5"], tmp_path)


def test_that_a_profile_is_found_by_an_alias_and_a_wrong_id_names_similar_ones() -> None:
    assert find_profile("snapdragon-888").id == "adreno-660"
    with pytest.raises(InputError, match="jetson-orin-nano"):
        find_profile("jetson-orin-nanoo-8gb")


@given(name=st.text(min_size=1, max_size=80), note=st.text(), number=st.floats(0.001, 1e9))
def test_that_any_words_and_numbers_survive_a_file(name: str, note: str, number: float) -> None:
    mode = PowerMode(id=3, name=name, default=True, note=note, confidence={"": "recalled"})
    profile = DeviceProfile(
        id="x",
        name=name,
        family="npu",
        note=note,
        source=note,
        precisions=("i8",),
        peaks={"i8": min(max(number, 1), 1e8)},
        power_modes=(mode,),
        default_mode=name,
        confidence={"": "sourced", "peaks": "assumed"},
    )
    assert profile_from_text(text_of_profile(profile)) == profile


def test_that_an_unknown_power_mode_names_those_there_are() -> None:
    nano = find_profile("jetson-nano-4gb")
    assert nano.in_mode("5w").peaks["f16"] == pytest.approx(327.7)
    assert nano.in_mode(None) is nano
    with pytest.raises(InputError, match="Known modes: MAXN, 5W"):
        nano.in_mode("30W")


def test_that_a_mode_turns_cores_off_too() -> None:
    orin = find_profile("jetson-agx-orin-64gb")
    limited = orin.in_mode("MODE_15W")
    assert (limited.cores, limited.units, limited.power_watts) == (4, 6, (15, 15))
    assert limited.cpu_peaks["f32"] == pytest.approx(422.4 * 4 * 1113.6 / (12 * 2200), rel=0.01)


def test_that_peaks_follow_the_clock_unless_they_are_typed() -> None:
    profile = find_profile("jetson-orin-nx-16gb")
    followed = edited(profile, {"clock_mhz": "459", "name": "Slow"}).profile
    assert followed is not None
    assert followed.peaks["i8"] == pytest.approx(profile.peaks["i8"] / 2, rel=0.001)
    assert followed.confidence_of("peaks") == followed.confidence_of("clock_mhz") == "assumed"
    own = edited(profile, {"clock_mhz": "900", "peaks.i8": "25000"}, "sourced").profile
    assert own is not None
    assert (own.peaks["i8"], own.confidence_of("peaks")) == (25000, "sourced")


def test_that_every_wrong_field_is_told_at_once() -> None:
    texts = {"memory_gb": "much", "clock_mhz": "1", "cores": "2.5", "name": " "}
    result = edited(find_profile("rpi-5"), {**texts, "power_watts.0": "5"})
    assert result.profile is None
    assert set(result.problems) == {*texts, "power_watts.1"}


def test_that_what_is_not_touched_stays() -> None:
    profile = find_profile("jetson-orin-nx-16gb")
    assert edited(profile, typed(profile)).profile == profile


def test_that_an_emptied_field_is_not_known() -> None:
    result = edited(find_profile("rpi-5"), {"bandwidth_gbs": "", "peaks.f16": ""}).profile
    assert result is not None
    assert result.bandwidth_gbs is None
    assert "f16" not in result.peaks
