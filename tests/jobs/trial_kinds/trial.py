"""A job that does what a test asks of it: works, hangs, dies, or fills the disk."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import ClassVar

import psutil
from pydantic import BaseModel

from core.errors import InputError
from core.jobs.kinds.base import JobContext, JobKind


class TrialRequest(BaseModel):
    action: str
    number: int = 0


class TrialOutcome(BaseModel):
    answer: int


class Trial(JobKind[TrialRequest, TrialOutcome]):
    """Does one action in its second step."""

    name: ClassVar[str] = "trial"
    title: ClassVar[str] = "Trying"
    request_type: ClassVar[type[BaseModel]] = TrialRequest
    outcome_type: ClassVar[type[BaseModel]] = TrialOutcome

    def steps(self, request: TrialRequest) -> Sequence[tuple[str, float]]:
        return (("Preparing", 1.0), ("Acting", 3.0))

    def run(self, request: TrialRequest, context: JobContext) -> TrialOutcome:
        context.step("Preparing")
        context.progress(1, 1)
        context.step("Acting")
        getattr(self, request.action)(request, context)
        return TrialOutcome(answer=request.number)

    def succeed(self, request: TrialRequest, context: JobContext) -> None:
        context.measured("first", TrialOutcome(answer=1))
        path = context.folder / "made.bin"
        path.write_bytes(b"made")
        context.artifact("made", path)

    def die(self, request: TrialRequest, context: JobContext) -> None:
        os.write(2, b"the library is unwell\n")
        os.kill(os.getpid(), request.number)

    def touch_foreign_memory(self, request: TrialRequest, context: JobContext) -> None:
        ctypes.string_at(0)

    def exit_quietly(self, request: TrialRequest, context: JobContext) -> None:
        os._exit(request.number)

    def block_in_native_code(self, request: TrialRequest, context: JobContext) -> None:
        context.note("blocking")
        ctypes.PyDLL(None).sleep(600)  # PyDLL keeps the interpreter's lock

    def refuse_to_end(self, request: TrialRequest, context: JobContext) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.block_in_native_code(request, context)

    def work_in_small_steps(self, request: TrialRequest, context: JobContext) -> None:
        context.note("working")
        while True:
            context.check_cancelled()
            time.sleep(0.01)

    def leave_a_child(self, request: TrialRequest, context: JobContext) -> None:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        context.note(str(child.pid))
        if request.number:
            self.block_in_native_code(request, context)

    def chatter(self, request: TrialRequest, context: JobContext) -> None:
        sys.stdout.write('{"type": "finished", "outcome": {}}\n')
        sys.stdout.flush()
        os.write(1, b"native chatter on stdout\n")
        os.write(2, b"native chatter on stderr\n")

    def report_often(self, request: TrialRequest, context: JobContext) -> None:
        for done in range(request.number + 1):
            context.progress(done, request.number, unit="images")

    def tell_what_is_known(self, request: TrialRequest, context: JobContext) -> None:
        secret = context.secret("password") or ""
        commands = " ".join(part for each in psutil.process_iter() for part in command_of(each))
        seen = bool(secret) and secret in commands
        context.note(f"{len(secret)} letters, seen in no command: {not seen}")

    def refuse(self, request: TrialRequest, context: JobContext) -> None:
        raise InputError("It cannot be used.", "It is a trial.", "Use another.")

    def make_a_mistake(self, request: TrialRequest, context: JobContext) -> None:
        raise ZeroDivisionError("a defect")

    def want_too_much_memory(self, request: TrialRequest, context: JobContext) -> None:
        raise MemoryError

    def fill_the_disk(self, request: TrialRequest, context: JobContext) -> None:
        context.measured("before", TrialOutcome(answer=7))
        (context.folder / "large.bin").write_bytes(bytes(request.number))


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
