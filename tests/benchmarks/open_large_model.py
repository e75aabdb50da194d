"""Measures how long models take to open, and what memory that costs; prints a table.

    python tests/benchmarks/open_large_model.py FOLDER [--gigabytes 1] [--window] [MODEL …]

Writes into FOLDER, once, a chain of matrix multiplications with its weights outside of the model
file and the same in a single file, and a graph of 100,000 nodes. Each model is opened in a process
of its own; the table gives the best of three, imports not counted. With --window each is also
opened in a window, and the processor time of window and worker together held against its gate.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

SIZE = 4096
"""Rows and columns of each matrix: 64 MiB of float32."""
ROUNDS = 3
MANY = 100_000

OPEN = """
import json, sys, time
from pathlib import Path
import onnx
from core.formats import formats, read_graph
def peak():  # ru_maxrss would be that of the parent, from before this program was started
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
formats()
before = peak()
start = time.perf_counter()
graph = read_graph(Path(sys.argv[1]))
seconds = time.perf_counter() - start
grown = peak() - before
print(json.dumps([seconds, grown / 1024, len(graph.layers), graph.file_bytes]))
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("models", type=Path, nargs="*")
    options.add_argument("--gigabytes", type=float, default=1.0)
    options.add_argument("--window", action="store_true")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    count = round(chosen.gigabytes * 16)
    made = [
        write_matrices(chosen.folder / f"external-{count}.onnx", count, external=True),
        write_matrices(chosen.folder / f"single-{count}.onnx", count, external=False),
        write_chain(chosen.folder / "many-nodes.onnx"),
    ]
    write_line(f"{'model':32} {'MB':>8} {'layers':>8} {'seconds':>8} {'grown MB':>9}")
    for path in [*made, *chosen.models]:
        seconds, grown, layers, size = min(opened(path) for _ in range(ROUNDS))
        write_line(f"{path.name:32} {size / 1e6:8.1f} {layers:8} {seconds:8.3f} {grown:9.1f}")

    if chosen.window:
        in_window([*made, *chosen.models])


def in_window(models: list[Path]) -> None:
    """CPU seconds of window and worker, and their memory in MB; the gate counts both."""
    write_line("")
    titles = ("window s", "worker s", "gate s", "window MB", "worker MB", "gate MB")
    write_line(f"{'in the window':32}" + "".join(f"{title:>10}" for title in titles))
    for path in models:
        rounds = [shown(path) for _ in range(ROUNDS)]
        figures = min(rounds, key=lambda one: one["window_cpu"] + one["worker_cpu"])
        layers = opened(path)[2]
        seconds, memory = gates(path, layers)
        cells = (figures["window_cpu"], figures["worker_cpu"], seconds)
        amounts = (figures["window_pss"], figures["worker_peak"], memory)
        missed = sum(cells[:2]) > seconds or sum(amounts[:2]) > memory
        line = "".join(f"{one:10.3f}" for one in cells) + "".join(f"{one:10.0f}" for one in amounts)
        write_line(f"{path.name:32}{line}{'  missed' if missed else ''}")


def gates(path: Path, layers: float) -> tuple[float, float]:
    """Seconds and megabytes that opening a model may take."""
    if path.stat().st_size > 1e9:
        return 0.5, 200.0
    small = 0.4 if layers < 1000 else 0.8
    return (2.0, 400.0) if layers > 20_000 else (small, 400.0)


def shown(path: Path) -> dict[str, float]:
    script = Path(__file__).with_name("window_opens.py")
    root = Path(__file__).parents[2]
    surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, script, path], capture_output=True, check=True, text=True, env=surroundings
    )
    return json.loads(done.stdout.splitlines()[-1])


def write_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def opened(path: Path) -> list[float]:
    """Seconds, growth of the peak memory in MiB, layers, bytes."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, path], capture_output=True, check=True, text=True
    )
    return json.loads(done.stdout)


def write_matrices(path: Path, count: int, *, external: bool) -> Path:
    if path.exists():
        return path
    random = np.random.default_rng(0)
    weights, nodes, before = [], [], "x"
    with path.with_suffix(".data").open("wb") as data:
        for index in range(count):
            numbers = random.standard_normal((SIZE, SIZE), dtype=np.float32).tobytes()
            weight = TensorProto(name=f"blocks.{index}.fc.weight", data_type=1, dims=[SIZE, SIZE])
            if external:
                place = {"location": path.with_suffix(".data").name}
                place |= {"offset": str(data.tell()), "length": str(len(numbers))}
                weight.data_location = TensorProto.EXTERNAL
                for key, value in place.items():
                    entry = weight.external_data.add()
                    entry.key, entry.value = key, value
                data.write(numbers)
            else:
                weight.raw_data = numbers
            weights.append(weight)
            nodes.append(helper.make_node("MatMul", [before, weight.name], [f"h{index}"]))
            before = f"h{index}"
    return _write(path, nodes, before, weights)


def write_chain(path: Path) -> Path:
    nodes = [
        helper.make_node("Relu", [f"t{i}" if i else "x"], [f"t{i + 1}"], f"/body/{i // 10}/relu{i}")
        for i in range(MANY)
    ]
    return path if path.exists() else _write(path, nodes, f"t{MANY}", [])


def _write(path: Path, nodes: list[onnx.NodeProto], last: str, weights: list[TensorProto]) -> Path:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "graph",
        [value("x", TensorProto.FLOAT, ["N", SIZE])],
        [value(last, TensorProto.FLOAT, ["N", SIZE])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


if __name__ == "__main__":
    main()
