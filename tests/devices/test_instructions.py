import platform
from pathlib import Path

import pytest

from core.devices.instructions import (
    boost_in_words,
    fields_of_cpuinfo,
    instructions,
    instructions_in,
)

AMX = "Intel Xeon with AMX (Emerald Rapids, virtual)"


@pytest.mark.parametrize(
    ("processor", "words"),
    [
        ("Intel Xeon with AMX (Emerald Rapids, virtual)", "DL Boost: AMX"),
        ("Intel Xeon Platinum 8269CY", "DL Boost: AVX512-VNNI"),
        ("Intel Core i5-12400", "DL Boost: AVX-VNNI"),
        ("Intel Xeon Platinum 8168", "No DL Boost (AVX512)"),
        ("AMD EPYC with AVX512 (Zen 4, virtual)", "No DL Boost, but AVX512-VNNI + BF16"),
        ("AMD EPYC with AVX2 (Zen 3, virtual)", "No DL Boost (AVX2)"),
    ],
)
def test_that_dl_boost_is_named_as_each_processor_has_it(
    processor: str, words: str, flags_of: dict[str, list[str]]
) -> None:
    vendor = "AuthenticAMD" if processor.startswith("AMD") else "GenuineIntel"

    assert boost_in_words(vendor, instructions_in(flags_of[processor])).words == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (("avx2", "avx512", "vnni", "avx512_bf16"), "DL Boost: AVX512-VNNI + BF16"),
        (("avx2",), "No DL Boost (AVX2)"),
        ((), "No DL Boost (no AVX2)"),
    ],
)
def test_that_dl_boost_is_named_for_other_sets_of_instructions(
    found: tuple[str, ...], words: str
) -> None:
    assert boost_in_words("GenuineIntel", found).words == words


def test_that_the_avx512_of_knights_landing_is_not_taken_for_the_useful_one() -> None:
    assert instructions_in(["fma", "avx2", "avx512f", "avx512cd", "avx512er"]) == ("avx2",)


def test_that_amx_is_told_with_everything_else_that_the_processor_has(
    flags_of: dict[str, list[str]],
) -> None:
    assert instructions_in(flags_of[AMX]) == (
        "avx2",
        "avx512",
        "vnni",
        "avx_vnni",
        "avx512_bf16",
        "avx512_fp16",
        "amx_int8",
        "amx_bf16",
    )


def test_that_the_detail_promises_no_more_than_the_instructions_can_give(
    flags_of: dict[str, list[str]],
) -> None:
    def detail(processor: str) -> str:
        return boost_in_words("GenuineIntel", instructions_in(flags_of[processor])).detail

    assert "AMX tiles" in detail(AMX)
    assert "OpenVINO uses it for FP32 models unless told f32" in detail(AMX)
    assert "VNNI" in detail("Intel Core i5-12400")
    assert "only make the file smaller" in detail("Intel Core i5-12400")
    assert "only a measurement tells" in detail("Intel Xeon Platinum 8168")


def test_that_another_makers_instructions_are_not_called_dl_boost(
    flags_of: dict[str, list[str]],
) -> None:
    found = boost_in_words(
        "AuthenticAMD", instructions_in(flags_of["AMD EPYC with AVX512 (Zen 4, virtual)"])
    )

    assert found.detail.startswith("DL Boost is Intel's name")


def test_that_nothing_is_claimed_where_nothing_is_known() -> None:
    assert boost_in_words("", ()).words == "DL Boost: not known"


def test_that_the_first_processor_of_cpuinfo_is_read() -> None:
    text = (
        "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: A: B\nflags\t\t: avx2 fma\n\n"
        "processor\t: 1\nvendor_id\t: other\n"
    )

    fields = fields_of_cpuinfo(text)

    assert fields["vendor_id"] == "GenuineIntel"
    assert fields["model name"] == "A: B"
    assert fields["flags"] == "avx2 fma"
    assert fields_of_cpuinfo("")["flags"] == ""


@pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() != "x86_64",
    reason="reads what Linux tells about an x86 processor",
)
def test_that_this_computers_instructions_are_those_that_the_kernel_lists() -> None:
    flags = Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split()

    assert ("avx2" in instructions()) == ("avx2" in flags)
    assert ("amx_int8" in instructions()) == ("amx_int8" in flags)
