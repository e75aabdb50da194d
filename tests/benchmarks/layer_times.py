"""How much of the time is traced to layers? Profiles models as they are and as Edgewright's INT8.

Each ONNX model is profiled on every runtime, and so is the INT8 that Edgewright makes of it. The
table says which share of the counted time belongs to layers or to named conversions, and how the
sum compares with the clean latency. Fails where less than 97 % is traced. Calibrated with noise:
this looks at time, not at accuracy. Free sizes other than the batch are taken as 1, so models that
need real ones must be given with fixed sizes (`edgewright edit`).

    python tests/benchmarks/layer_times.py MODEL… [--threads 1] [--plain]

Models whose figures are in docs/benchmarks.md: EfficientNet-Lite0 and ResNet-20/56 for CIFAR-10
exported from their authors' weights, YOLOv8n from the package nudenet, PP-OCR detection and
recognition from the package rapidocr.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.benchmark.contender_process import Contender
from core.benchmark.layer_profile import LayerProfile, take_profile
from core.commands.words import table
from core.formats import format_of
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import RuntimeChoice
from core.plan.recipes import recipes
from core.runtimes import available_runtimes
from core.runtimes.feeds import made_up_feeds
from core.techniques.base import Feeds

TARGET = 0.97
CALIBRATION = 4
HEADER = (
    *("Model", "Runtime", "Kernels", "Groups", "To layers", "Conversions", "Traced"),
    *("Counted", "Clean", "With counters"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="leave out the INT8 forms")
    arguments = parser.parse_args()
    taken: list[LayerProfile] = []
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.models:
            for form in _forms(model, Path(folder), plain=arguments.plain):
                for runtime in available_runtimes():
                    choice = RuntimeChoice(runtime=runtime.name, threads=arguments.threads)
                    label = f"{form.stem} · {runtime.label}"
                    print(label, file=sys.stderr)
                    contender = Contender(id=label, label=label, model=form, choice=choice)
                    taken.append(take_profile(contender))
    print(table(HEADER, [_row(profile) for profile in taken]))
    for profile in taken:
        print(f"{profile.label}: {profile.difference}")
    return int(any(_traced(profile) < TARGET for profile in taken))


def _forms(model: Path, folder: Path, *, plain: bool) -> Iterator[Path]:
    """The working copy, and what Edgewright makes of it."""
    copy = folder / f"{model.stem}.onnx"
    stamp(model, copy)
    yield copy
    if plain:
        return
    compressed = folder / f"{model.stem} INT8.onnx"
    plan = next(recipe.plan for recipe in recipes() if recipe.id == "int8")
    apply_plan(
        plan,
        copy,
        compressed,
        format_of(copy).read_graph(copy),
        lambda: _noise(copy),
        calibration_count=CALIBRATION,
    )
    yield compressed


def _noise(model: Path) -> Iterator[Feeds]:
    runtime = available_runtimes()[0]
    session = runtime.compile(model, RuntimeChoice(runtime=runtime.name))
    feeds = made_up_feeds(session.inputs)
    session.close()
    for _ in range(CALIBRATION):
        yield feeds


def _traced(profile: LayerProfile) -> float:
    return 1 - profile.unattributed_ms / profile.counted_ms


def _row(profile: LayerProfile) -> tuple[str, ...]:
    model, _, runtime = profile.label.partition(" · ")
    counted = profile.counted_ms
    layers = counted - profile.conversions_ms - profile.unattributed_ms
    assert profile.clean_ms is not None
    assert profile.with_counters_ms is not None
    return (
        model,
        runtime,
        str(len(profile.kernels)),
        str(len(profile.groups())),
        f"{layers / counted:.1%}",
        f"{profile.conversions_ms / counted:.1%}",
        f"{_traced(profile):.1%}",
        f"{counted:.3f} ms",
        f"{profile.clean_ms.value:.3f} ms",
        f"{profile.with_counters_ms:.3f} ms",
    )


if __name__ == "__main__":
    raise SystemExit(main())
