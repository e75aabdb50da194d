"""Inferences on all streams at once."""

import threading
import time

import pytest

from core.benchmark.streams import Streams
from core.errors import UserError


def test_that_all_streams_are_busy_at_the_same_time() -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def infer(index: int) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.002)
        with lock:
            inside -= 1

    timed = Streams([infer] * 3).run(0.03)

    assert most == 3
    assert len(timed.samples_ms) >= 3
    assert 0 < timed.rate <= 3 / 0.002


def test_that_one_stream_needs_no_thread_of_its_own() -> None:
    seen: set[int] = set()

    Streams([lambda index: seen.add(threading.get_ident())]).run(0.001)

    assert seen == {threading.get_ident()}


@pytest.mark.parametrize("failing", [0, 1])
def test_that_a_stream_that_fails_is_what_is_told(failing: int) -> None:
    def fail(index: int) -> None:
        raise UserError("The stream cannot.", "It broke.", "Mend it.")

    inferences = [lambda index: None, lambda index: None]
    inferences[failing] = fail

    with pytest.raises(UserError, match="The stream cannot"):
        Streams(inferences).run(0.001)


def test_that_inputs_are_taken_in_turn() -> None:
    taken: list[int] = []

    timed = Streams([taken.append]).run(0.002)

    assert taken[-len(timed.samples_ms) :] == list(range(len(timed.samples_ms)))
