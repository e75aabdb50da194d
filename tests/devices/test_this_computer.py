import os
from pathlib import Path

import psutil
import pytest

from core.devices import devices
from core.devices.base import DeviceState
from core.devices.this_computer import ThisComputer
from core.runtimes import runtimes


def test_that_this_computer_is_found_with_its_facts() -> None:
    assert devices().failed == {}
    (facts,) = devices()["local"].scan()

    assert facts.id == "local"
    assert facts.name == "This computer"
    assert facts.processor
    assert 1 <= facts.cores <= facts.threads <= (os.cpu_count() or 1)
    assert 1 << 28 < facts.memory_bytes <= psutil.virtual_memory().total
    assert "DL Boost" in facts.boost
    assert facts.boost_detail.endswith(".")
    assert set(facts.runtimes) | set(facts.missing_runtimes) == set(runtimes().found)
    assert facts.operating_system


def test_that_no_more_threads_are_claimed_than_the_process_may_use() -> None:
    before = psutil.Process().cpu_affinity()
    psutil.Process().cpu_affinity(before[:1])
    try:
        (facts,) = devices()["local"].scan()
    finally:
        psutil.Process().cpu_affinity(before)

    assert (facts.threads, facts.cores) == (1, 1)


def test_that_the_state_holds_only_what_can_be_read() -> None:
    device = devices()["local"]
    (facts,) = device.scan()

    state = device.state(facts)

    assert state.load is not None
    assert 0 <= state.load <= 1
    assert state.clock_mhz is None or state.clock_mhz > 100
    assert DeviceState.model_validate_json(state.model_dump_json()) == state


def test_that_throttling_is_seen_when_the_kernels_count_rises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = tmp_path / "cpu0/thermal_throttle/core_throttle_count"
    counter.parent.mkdir(parents=True)
    counter.write_text("7\n")
    monkeypatch.setattr("core.devices.heat._CPU", tmp_path)
    device = ThisComputer()
    (facts,) = device.scan()

    assert device.state(facts).throttled is False
    counter.write_text("9\n")
    assert device.state(facts).throttled is True
    assert device.state(facts).throttled is False
