"""Which vector instructions this processor has, and what that means in plain words."""

import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

_NEEDED_FLAGS: dict[str, frozenset[str]] = {
    "avx2": frozenset({"avx2", "fma"}),
    # What oneDNN calls avx512_core; the F subset alone (Knights Landing) gains nothing here.
    "avx512": frozenset({"avx512f", "avx512bw", "avx512vl", "avx512dq"}),
    "vnni": frozenset({"avx512_vnni"}),
    "avx_vnni": frozenset({"avx_vnni"}),
    "avx512_bf16": frozenset({"avx512_bf16"}),
    "avx512_fp16": frozenset({"avx512_fp16"}),
    "amx_int8": frozenset({"amx_tile", "amx_int8"}),
    "amx_bf16": frozenset({"amx_tile", "amx_bf16"}),
}


class Boost(NamedTuple):
    """What the processor does for low precision: a chip's few words, and a sentence or two."""

    words: str
    detail: str


@cache
def instructions() -> tuple[str, ...]:
    """The vector instructions of this computer; empty where they cannot be found out."""
    if sys.platform != "linux":
        return ()
    return instructions_in(cpuinfo()["flags"].split())


@cache
def cpuinfo() -> dict[str, str]:
    """The fields of the first processor in /proc/cpuinfo; missing fields are empty text."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    return fields_of_cpuinfo(text)


def fields_of_cpuinfo(text: str) -> dict[str, str]:
    """The fields of the first processor in the text of /proc/cpuinfo."""
    fields = {"vendor_id": "", "model name": "", "flags": ""}
    for line in text.split("\n\n", 1)[0].splitlines():
        key, _, value = line.partition(":")
        fields[key.strip()] = value.strip()
    return fields


def instructions_in(flags: Collection[str]) -> tuple[str, ...]:
    """Translate the kernel's flag names; the order is from old to new."""
    present = frozenset(flags)
    return tuple(name for name, needed in _NEEDED_FLAGS.items() if needed <= present)


def boost_in_words(vendor: str, found: Collection[str]) -> Boost:
    """Say what the instructions mean for INT8, BF16 and FP32.

    DL Boost is Intel's name for AVX512-VNNI, AVX-VNNI, AVX512-BF16 and AMX
    (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapters 5 and 18);
    other makers have some of the same instructions without that name.
    """
    if not vendor:
        return Boost(
            "DL Boost: not known",
            "The instructions of this processor could not be found out, so nothing is promised.",
        )
    level = _level(found)
    detail = " ".join(_sentences(found))
    if not level:
        base = "AVX512" if "avx512" in found else "AVX2" if "avx2" in found else "no AVX2"
        return Boost(f"No DL Boost ({base})", detail)
    if vendor != "GenuineIntel":
        return Boost(
            f"No DL Boost, but {level}",
            f"DL Boost is Intel's name; this processor has the same kind of instructions. {detail}",
        )
    return Boost(f"DL Boost: {level}", detail)


def _level(found: Collection[str]) -> str:
    """The strongest low-precision instructions, named; empty when there are none."""
    if "amx_int8" in found or "amx_bf16" in found:
        return "AMX"
    int8 = "AVX512-VNNI" if "vnni" in found else "AVX-VNNI" if "avx_vnni" in found else ""
    bf16 = "BF16" if "avx512_bf16" in found else ""
    return " + ".join(word for word in (int8, bf16) if word)


def _sentences(found: Collection[str]) -> list[str]:
    if "amx_int8" in found:
        int8 = "INT8 runs on AMX tiles, the fastest way this processor has."
    elif {"vnni", "avx_vnni"} & set(found):
        int8 = "INT8 has instructions of its own (VNNI) and can be up to four times FP32."
    else:
        int8 = (
            "INT8 has no instructions of its own here: it can still win by moving less memory, "
            "or lose, and only a measurement tells."
        )
    if "amx_bf16" in found:
        bf16 = "BF16 runs on AMX tiles; OpenVINO uses it for FP32 models unless told f32."
    elif "avx512_bf16" in found:
        bf16 = "BF16 has instructions of its own; OpenVINO uses it for FP32 models unless told f32."
    else:
        bf16 = "BF16 and FP16 are computed as FP32, so they only make the file smaller."
    return [int8, bf16]
