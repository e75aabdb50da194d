"""What differs between two models, beside a direct computation: `python diff_models.py A B DATA`.

Runs `edgewright diff A B --data DATA --json`, computes the distance of every tensor once more with
nothing but onnxruntime, on inputs prepared with the contract given, and says whether both name the
same ten worst tensors. Not run in CI.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from core.data import open_dataset
from core.data.contract_file import read_contract
from core.data.decode import prepare
from core.data.splitting import spread

WORST = 10


def main() -> int:
    arguments = parsed()
    report, seconds = asked(arguments)
    structure, numeric = report["structure"], report["numeric"]
    changed = [layer for layer in structure["changed"] if computes_differently(layer)]
    print(f"{structure['a']['layers']} layers, {len(changed)} compute in another precision:")
    for layer in changed:
        change = layer["precision"]
        print(f"  {layer['a']['operator']:<12} {layer['a']['name']:<32} {words(change)}")
    dataset = open_dataset(arguments.data)
    contract = read_contract(arguments.preprocess)
    samples = spread(dataset.samples)[: arguments.samples]
    images = [prepare(dataset.read(sample), contract) for sample in samples]
    direct = distances(arguments.a, arguments.b, images)
    print(f"\n{WORST} worst of {len(numeric['tensors'])} tensors on {numeric['inputs']}")
    for row in numeric["tensors"][:WORST]:
        print(f"  {row['name']:<32} {row['relative']:.6f}   direct {direct[row['a']]:.6f}")
    expected = sorted(direct, key=lambda name: -direct[name])[:WORST]
    agree = [row["a"] for row in numeric["tensors"][:WORST]] == expected
    print(f"\nThe direct computation names the same {WORST}: {'yes' if agree else 'NO'}")
    print(f"CPU of the whole command: {seconds:.1f} s")
    return 0 if agree else 1


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("a", "b", "data"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--preprocess", type=Path, required=True, help="preprocessing contract")
    parser.add_argument("--samples", type=int, default=8)
    return parser.parse_args()


def asked(arguments: argparse.Namespace) -> tuple[dict, float]:
    command = [sys.executable, "-m", "core", "diff", arguments.a, arguments.b, "--json"]
    command += ["--data", arguments.data, "--preprocess", arguments.preprocess]
    command += ["--samples", str(arguments.samples)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.returncode)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(done.stdout), used.ru_utime + used.ru_stime


def computes_differently(layer: dict) -> bool:
    change = layer["precision"]
    return change is not None and change["before"] != change["after"]


def words(change: dict) -> str:
    return f"{change['before']} → {change['after']} ({'; '.join(change['details'])})"


def distances(a: Path, b: Path, images: list[np.ndarray]) -> dict[str, float]:
    """‖a − b‖ ÷ ‖a‖ of each tensor of A; B's is taken behind its DequantizeLinear."""
    error: dict[str, float] = {}
    power: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        sessions = [session(path, Path(folder)) for path in (a, b)]
        behind = rounded(b)
        for image in images:
            values, others = (run(each, image) for each in sessions)
            for name, value in values.items():
                if value.dtype.kind != "f" or name not in others:
                    continue
                one = value.astype(np.float64)
                gap = one - others[behind.get(name, name)]
                error[name] = error.get(name, 0.0) + float((gap**2).sum())
                power[name] = power.get(name, 0.0) + float((one**2).sum())
    return {name: float(np.sqrt(error[name] / power[name])) for name in error}


def rounded(path: Path) -> dict[str, str]:
    """Tensor to the one behind its pair of QuantizeLinear and DequantizeLinear."""
    nodes = onnx.load(path, load_external_data=False).graph.node
    back = {node.input[0]: node.output[0] for node in nodes if node.op_type == "DequantizeLinear"}
    return {
        node.input[0]: back[node.output[0]] for node in nodes if node.op_type == "QuantizeLinear"
    }


def session(path: Path, folder: Path) -> onnxruntime.InferenceSession:
    model = onnx.load(path)
    known = {value.name for value in model.graph.output}
    names = (name for node in model.graph.node for name in node.output if name not in known)
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    target = folder / path.name
    onnx.save(model, target)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(target, options, providers=["CPUExecutionProvider"])


def run(model: onnxruntime.InferenceSession, image: np.ndarray) -> dict[str, np.ndarray]:
    names = [value.name for value in model.get_outputs()]
    fed = {model.get_inputs()[0].name: image[None]}
    return dict(zip(names, model.run(names, fed), strict=True))


if __name__ == "__main__":
    raise SystemExit(main())
