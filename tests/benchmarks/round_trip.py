"""Reads and writes every ONNX file of some folders and compares: `round_trip.py FOLDER…`.

Each file goes through a process of its own, because some crash an engine. Counted are the files
that were read, written, equal as protobuf messages, with equal data files, that ONNX Runtime could
run with made-up inputs, and whose outputs are then the same bit by bit.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PATIENCE = 120
"""Seconds for one file."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        print(json.dumps(result_of(asked.one)), flush=True)
        return
    files = [path for folder in asked.folders for path in sorted(folder.rglob("*.onnx"))]
    with ThreadPoolExecutor(asked.jobs) as pool:
        found = dict(zip(files, pool.map(result_apart, files), strict=True))
    report(found)


def report(found: dict[Path, dict[str, Any]]) -> None:
    counts = Counter(
        key for result in found.values() for key, value in result.items() if value is True
    )
    print(f"files            {len(found)}")
    for key in ("read", "written", "equal", "data_equal", "ran", "identical"):
        print(f"{key:16} {counts[key]}")
    for key in ("refused", "crashed", "not_run"):
        reasons = Counter(str(result[key]) for result in found.values() if key in result)
        print(f"{key:16} {sum(reasons.values())}")
        for reason, count in reasons.most_common(12):
            print(f"    {count:4} × {reason}")
    for path, result in found.items():
        if result.get("equal") is False or result.get("identical") is False:
            print(f"DIFFERENT: {path}")


def result_apart(path: Path) -> dict[str, Any]:
    """Of one file, from a process of its own."""
    command = [sys.executable, __file__, "--one", str(path)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return {"crashed": f"took more than {PATIENCE} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        said = done.stderr.strip().splitlines()[-1:] or ["nothing"]
        return {"crashed": f"exit code {done.returncode}: {said[0][:120]}"}
    return json.loads(lines[-1])


def result_of(path: Path) -> dict[str, Any]:
    import onnx

    from core.edit.draft import Draft
    from core.errors import UserError
    from core.model.onnx_file import read_skeleton
    from core.model.onnx_writer import write_onnx

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            model = read_skeleton(path)
            found["read"] = True
            written, *data = write_onnx(Draft(path, model).finish(), path, Path(folder) / path.name)
        except UserError as error:
            return {**found, "refused": without_names(error.why, path)}
        found["written"] = True
        pair = [onnx.ModelProto.FromString(each.read_bytes()) for each in (path, written)]
        found["equal"] = pair[0].SerializeToString(deterministic=True) == pair[1].SerializeToString(
            deterministic=True
        )
        found["data_equal"] = all(
            each.read_bytes() == (path.parent / each.relative_to(folder)).read_bytes()
            for each in data
        )
        return {**found, **compared(path, written)}


def compared(path: Path, written: Path) -> dict[str, Any]:
    """Whether ONNX Runtime computes the same from both files."""
    from core.errors import UserError

    try:
        before = outputs_of(path)
    except UserError as error:
        return {"not_run": without_names(error.why, path)[:60]}
    except TypeError:
        return {"not_run": "an input is no tensor"}
    return {"ran": True, "identical": outputs_of(written) == before}


def outputs_of(path: Path) -> list[str]:
    from core.plan.plan import RuntimeChoice
    from core.runtimes import runtimes
    from core.runtimes.feeds import made_up_feeds

    choice = RuntimeChoice(runtime="onnxruntime", threads=1)
    session = runtimes()[choice.runtime].compile(path, choice)
    values = session.infer(made_up_feeds(session.inputs))
    return [f"{name} {digest(value)}" for name, value in values.items()]


def digest(value: Any) -> str:
    """Of a tensor's bits, or of what else an output can be."""
    import hashlib

    import numpy as np

    if isinstance(value, np.ndarray) and value.dtype != object:
        return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    return repr(value)


def without_names(text: str, path: Path) -> str:
    return text.replace(str(path), "FILE").replace(path.name, "FILE")[:160]


if __name__ == "__main__":
    main()
