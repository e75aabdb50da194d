"""A worker that also knows the trial kinds; everything else is the product's own worker."""

import runpy
from pathlib import Path

import core.jobs.kinds

core.jobs.kinds.__path__.append(str(Path(__file__).parent / "trial_kinds"))
runpy.run_module("core.jobs.worker", run_name="__main__")
