"""Every profile that comes along keeps the same contract: `pytest -k profile_id` tests one."""

from importlib.resources import files

import pytest

from core.devices.profile import FAMILIES, DeviceProfile, profiles
from core.devices.profile_checks import derived_peak, problems_of
from core.devices.profile_facts import EVERYTHING
from core.devices.profile_text import GROUPS, profile_from_text, text_of_profile
from core.devices.profile_words import facts_of

BUILT_IN = {id: one for id, one in profiles().items() if id not in profiles().own}
MODES = [(one, mode) for one in BUILT_IN.values() for mode in one.power_modes]
ROUNDED = 0.03
"""How far makers' rounding goes."""


@pytest.fixture(params=BUILT_IN.values(), ids=BUILT_IN)
def profile(request: pytest.FixtureRequest) -> DeviceProfile:
    return request.param


def test_that_every_file_is_a_profile_of_the_same_name() -> None:
    names = {entry.name for entry in (files("resources") / "profiles").iterdir()}
    assert names == {f"{id}.toml" for id in BUILT_IN}


def test_that_every_kind_of_device_is_there() -> None:
    counts = dict.fromkeys(FAMILIES, 0)
    for one in BUILT_IN.values():
        counts[one.family] += 1
    assert all(counts.values())
    assert counts["jetson"] == 26
    assert sum(count for family, count in counts.items() if family.startswith("intel")) == 56
    assert len(BUILT_IN) == 114


def test_that_every_listed_processor_generation_of_intel_is_there() -> None:
    found = {one for profile in BUILT_IN.values() for one in profile.instructions}
    assert {"avx2", "avx512", "vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16"} <= found


def test_that_a_profile_has_no_problem(profile: DeviceProfile) -> None:
    assert problems_of(profile) == ()


def test_that_peaks_are_units_times_clock_times_operations(profile: DeviceProfile) -> None:
    for precision, peak in profile.peaks.items():
        derived = derived_peak(profile, precision)
        assert derived is None or peak == pytest.approx(derived, rel=ROUNDED)


def test_that_a_profile_says_where_it_is_from_and_how_it_is_known(profile: DeviceProfile) -> None:
    assert profile.source
    assert EVERYTHING in profile.confidence


def test_that_a_profile_can_be_written_and_read_back(profile: DeviceProfile) -> None:
    assert profile_from_text(text_of_profile(profile)) == profile


def test_that_every_profile_has_the_same_rows(profile: DeviceProfile) -> None:
    rows = [(fact.group, fact.label) for fact in facts_of(profile)]
    assert rows == [(fact.group, fact.label) for fact in facts_of(BUILT_IN["rpi-5"])]
    assert all(fact.field in DeviceProfile.model_fields for fact in facts_of(profile))


def test_that_a_file_has_a_place_for_every_field() -> None:
    placed = [field for fields in GROUPS.values() for field in fields]
    tables = {"confidence", "software", "earlier_software", "power_modes"}
    assert len(placed) == len(set(placed))
    assert {*placed, *tables} == set(DeviceProfile.model_fields)


def test_that_power_modes_are_those_of_the_facts() -> None:
    """65 modes were collected; boards that differ in memory alone share them."""
    assert len({(one.chip, one.units, mode.name, mode.gpu_mhz) for one, mode in MODES}) >= 50
    assert {one.id for one, _ in MODES} >= {"jetson-nano-2gb", "jetson-agx-thor-t5000"}


@pytest.mark.parametrize(("one", "mode"), MODES, ids=[f"{one.id} {m.name}" for one, m in MODES])
def test_that_a_power_mode_is_never_more_than_the_profile(one: DeviceProfile, mode: object) -> None:
    limited = one.in_mode(mode)  # pyright: ignore[reportArgumentType]  # parametrized
    for precision, peak in limited.peaks.items():
        assert peak <= one.peaks[precision] * 1.001
        assert peak == pytest.approx(derived_peak(limited, precision), rel=ROUNDED)
    assert (limited.bandwidth_gbs or 0) <= (one.bandwidth_gbs or 0)


def test_that_ids_and_aliases_name_one_profile_each() -> None:
    aliases = [alias for one in BUILT_IN.values() for alias in one.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(BUILT_IN)


def test_that_int8_is_only_promised_where_the_hardware_has_it() -> None:
    for id in ("jetson-nano-2gb", "jetson-nano-4gb", "jetson-tx1", "jetson-tx2", "intel-ncs2"):
        assert "i8" not in BUILT_IN[id].precisions
    for id in ("coral-usb", "coral-devboard", "hailo-8", "hailo-8l"):
        assert set(BUILT_IN[id].precisions) <= {"i8", "i4"}


def test_that_sparse_weights_help_from_ampere_on() -> None:
    nvidia = [one for one in BUILT_IN.values() if one.compute_capability]
    assert all(one.sparsity == (float(one.compute_capability or 0) >= 8.0) for one in nvidia)


def test_that_npus_take_fixed_shapes_only() -> None:
    npus = [one for one in BUILT_IN.values() if one.family in ("intel-npu", "intel-stick")]
    assert npus and all(one.static_shapes_only for one in npus)


def test_that_the_neural_compute_stick_names_the_last_openvino_that_ran_it() -> None:
    assert "2022.3" in BUILT_IN["intel-ncs2"].software.last


def test_that_old_jetsons_stay_on_their_last_tensorrt() -> None:
    assert BUILT_IN["jetson-nano-4gb"].software.tensorrt == "8.2.1"
    assert BUILT_IN["jetson-agx-xavier-32gb"].software.tensorrt == "8.5.2"
    orin = BUILT_IN["jetson-agx-orin-64gb"]
    known = {orin.software.tensorrt, *(one.tensorrt for one in orin.earlier_software)}
    assert {"8.5.2", "8.6.2", "10.3.0", "10.16.2"} <= known
