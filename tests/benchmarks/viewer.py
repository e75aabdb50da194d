"""Opens large graphs in Edgewright, Netron and Model Explorer in one run; prints a table and gates.

    python tests/benchmarks/viewer.py FOLDER [--models FILE …] [--graphs NAME …]
        [--peers ENVIRONMENT] [--pictures FOLDER] [--limit 150] [--rounds 3]

FOLDER keeps the generated graphs (viewing/graphs.py) between runs. --models adds real ones, such as
320n.onnx, which is YOLOv8n and comes with the PyPI package nudenet. --peers is a virtual
environment with what viewing/peers.py names; without it Edgewright is measured alone.

Processor seconds of all processes of a program are the figures that count: the wall clock depends
on what else the computer does. A program is started first and at rest, then it gets the file.
Edgewright's figures are medians of --rounds runs, the peers', who take minutes, of one.
The sources are compiled beforehand, as those of an installed program are.
Edgewright at rest has a worker waiting with its imports done; what opening costs when that worker
must be started too is a gate of its own.
"""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from viewing import edgewright
from viewing.figures import Figures, Step
from viewing.graphs import RECIPES, write_graph


@dataclass(frozen=True)
class Gate:
    """Bars for Edgewright; processor seconds, milliseconds, MiB. None asks for nothing."""

    opened: float | None = None
    expanded: float | None = None
    frame_p95: float | None = None
    frame_worst: float | None = None
    memory: float | None = None
    crossings: int | None = None


BLOCK = 0.05
GATES = {
    "320n": Gate(opened=0.4, crossings=19),
    "t20k": Gate(opened=0.8),
    "moe20k": Gate(opened=0.8),
    "t100k": Gate(opened=2.0, expanded=4.0, frame_p95=12, frame_worst=16, memory=400),
    "t100k-differing": Gate(opened=2.0, expanded=6.0, frame_p95=12, frame_worst=16, memory=400),
    "moe100k": Gate(opened=2.0, expanded=4.0, frame_worst=20, memory=400),
    "w1500": Gate(opened=0.5, memory=200),
}
"""By the file's name."""

COLUMNS = (
    f"{'file':<18}{'program':<16}{'open s':>8}{'CPU':>7}{'cold':>7}{'all s':>8}{'CPU':>7}"
    f"{'fold':>7}{'block':>7}"
    f"{'pan':>8}{'p95':>8}{'worst':>9}{'zoom':>8}{'p95':>8}{'worst':>9}{'MB':>7}"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, nargs="*", default=[])
    parser.add_argument("--graphs", nargs="*", choices=[*RECIPES], default=[*RECIPES])
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument(
        "--limit", type=float, default=150.0, help="seconds for each step of a peer"
    )
    parser.add_argument("--rounds", type=int, default=3, help="runs of Edgewright with each file")
    options = parser.parse_args()
    folder, pictures = options.folder.absolute(), options.pictures
    files = [*(model.absolute() for model in options.models)]
    files += [write_graph(name, folder) for name in options.graphs]
    bytecode = folder / edgewright.BYTECODE
    edgewright.compile_sources(bytecode, files[0])
    start = edgewright.start_cpu(bytecode)
    say(f"Edgewright's start, until at rest: {start:.2f} CPU s; not counted below.")
    say(COLUMNS)
    found: list[Figures] = []
    for file in files:
        for figures in measured(file, bytecode, options, pictures):
            found.append(figures)
            say(line(figures))
    return report(found)


def measured(
    file: Path, bytecode: Path, options: argparse.Namespace, pictures: Path | None
) -> Iterable[Figures]:
    def picture(program: str) -> Path | None:
        return pictures and pictures.absolute() / f"{file.stem}-{program}.png"

    own = edgewright.measure(file, bytecode, options.rounds, picture("edgewright"))
    if file.stem in GATES and GATES[file.stem].crossings is not None:
        own.crossings = edgewright.crossings(file)
    yield own
    if options.peers is not None:
        sys.path += [str(path) for path in options.peers.glob("lib/python*/site-packages")]
        from viewing.peers import PEERS

        for peer in PEERS:
            name = peer.name.casefold().replace(" ", "-")
            yield peer(options.peers, options.limit).measure(file, picture(name))


def line(figures: Figures) -> str:
    def step(each: Step | None) -> str:
        return f"{each.seconds:>8.2f}{each.cpu:>7.2f}" if each else f"{'–':>8}{'–':>7}"

    def frames(kind: str) -> str:
        each = figures.frames.get(kind)
        if each is None:
            return f"{'–':>8}{'–':>8}{'–':>9}"
        return f"{each.median:>8.1f}{each.p95:>8.1f}{each.worst:>9.1f}"

    def cpu(each: Step | None) -> str:
        return f"{each.cpu:>7.2f}" if each else f"{'–':>7}"

    return (
        f"{figures.file:<18}{figures.program:<16}{step(figures.opened)}"
        f"{cpu(figures.cold)}{step(figures.expanded)}{cpu(figures.fold)}{cpu(figures.one_block)}"
        f"{frames('pan')}{frames('zoom')}{figures.peak_mb:>7.0f}  {figures.note}"
    ).rstrip()


def report(found: list[Figures]) -> int:
    """Print every gate with what was seen; 1 when one was missed."""
    say(f"\n{'gate':<44}{'seen':>10}{'asked':>12}  met")
    missed = 0
    for figures in found:
        if figures.program != edgewright.NAME:
            continue
        for what, seen, asked in gates(figures, found):
            met = seen is not None and seen <= asked
            missed += not met
            shown = "–" if seen is None else f"{seen:.3g}"
            name = f"{figures.file}: {what}"
            say(f"{name:<44}{shown:>10}{asked:>12.3g}  {'yes' if met else 'NO'}")
    return 1 if missed else 0


def gates(figures: Figures, found: list[Figures]) -> Iterable[tuple[str, float | None, float]]:
    """What was asked of a file: name, figure, bar; the peers' figures are bars too."""
    gate = GATES.get(figures.file, Gate())
    opened, expanded = figures.opened, figures.expanded
    worst = [each.worst for each in figures.frames.values()]
    p95 = [each.p95 for each in figures.frames.values()]
    if figures.one_block is not None:
        yield "one block, CPU s", figures.one_block.cpu, BLOCK
    bars = (
        ("open, CPU s", opened and opened.cpu, gate.opened),
        ("open with the worker's start, CPU s", figures.cold and figures.cold.cpu, gate.opened),
        ("open and all, CPU s", opened and expanded and opened.cpu + expanded.cpu, gate.expanded),
        ("frame p95, ms", max(p95, default=None), gate.frame_p95),
        ("worst frame, ms", max(worst, default=None), gate.frame_worst),
        ("memory, MiB", figures.peak_mb, gate.memory),
        ("crossings, everything open", figures.crossings, gate.crossings),
    )
    yield from ((what, seen, asked) for what, seen, asked in bars if asked is not None)
    for other in found:
        if other.file == figures.file and other is not figures and other.opened is not None:
            seen = None if opened is None else opened.seconds
            yield f"open, s, against {other.program}", seen, other.opened.seconds


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
