"""Writes resources/formats/tflite.json, the numbers of TensorFlow Lite's schema.

Run by hand when TensorFlow Lite gains operators: `python packaging/tflite_schema.py FILE`, where
FILE is `ai_edge_litert/schema_py_generated.py` of the package ai-edge-litert (Apache-2.0).
"""

import ast
import json
import re
import sys
from pathlib import Path

RESOURCE = Path(__file__).resolve().parent.parent / "resources" / "formats" / "tflite.json"
ENUMS = (
    "TensorType", "BuiltinOperator", "BuiltinOptions", "BuiltinOptions2", "Padding",
    "ActivationFunctionType", "LSHProjectionType", "FullyConnectedOptionsWeightsFormat",
    "LSTMKernelType", "CombinerType", "MirrorPadMode", "ReduceWindowFunction", "RngAlgorithm",
    "StablehloComparisonDirection", "StablehloComparisonType", "DimensionType",
    "QuantizationDetails", "SparseIndexVector",
)  # fmt: skip
FIELD_ENUMS = {
    "padding": "Padding",
    "fusedActivationFunction": "ActivationFunctionType",
    "weightsFormat": "FullyConnectedOptionsWeightsFormat",
    "kernelType": "LSTMKernelType",
    "combiner": "CombinerType",
    "reduceFunction": "ReduceWindowFunction",
    "algorithm": "RngAlgorithm",
    "comparisonDirection": "StablehloComparisonDirection",
    "compareType": "StablehloComparisonType",
}
TENSOR_TYPE_FIELDS = re.compile(
    "(DataType|outType|idxOutType|outputType|quantizedBiasType|internalType)$"
)
SLOT = re.compile(r"_tab\.Offset\((\d+)\)")
NUMBER = re.compile(r"number_types\.(\w+)Flags, (?:o|a) \+")
INNER = re.compile(r"obj = (\w+)\(\)")


def schema(source: str) -> dict[str, object]:
    """Enumerations by name, and the fields of every table."""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {
        "origin": "ai-edge-litert 2.3.0, schema_py_generated.py, Apache-2.0",
        "enums": {node.name: values(node) for node in classes if node.name in ENUMS},
        "tables": {node.name: found for node in classes if (found := fields(source, node))},
    }


def values(node: ast.ClassDef) -> dict[int, str]:
    """Value to name of an enumeration."""
    return {
        ast.literal_eval(entry.value): entry.targets[0].id
        for entry in node.body
        if isinstance(entry, ast.Assign) and isinstance(entry.targets[0], ast.Name)
    }


def fields(source: str, node: ast.ClassDef) -> dict[str, list[object]]:
    """Name of each field to its slot, kind, element, enumeration and default."""
    found: dict[str, list[object]] = {}
    for method in node.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        text = ast.get_source_segment(source, method) or ""
        slot = SLOT.search(text)
        if not slot or re.search("(AsNumpy|Length|IsNone)$", method.name):
            continue
        name = method.name[0].lower() + method.name[1:]
        default = re.findall(r"return (-?[\d.]+|True|False|None)$", text)[-1]
        found[name] = [int(slot[1]), *kind(node.name, name, text), ast.literal_eval(default)]
    return found


def kind(table: str, name: str, text: str) -> list[str]:
    """What a field holds: number, numbers, text, texts, table, tables or union."""
    many = "_tab.Vector(" in text
    inner, number = INNER.search(text), NUMBER.search(text)
    if inner:
        return ["tables" if many else "table", inner[1], ""]
    if "_tab.Union" in text:
        return ["union", "", ""]
    if "_tab.String" in text:
        return ["texts" if many else "text", "", ""]
    assert number, (table, name)
    if many:
        return ["numbers", number[1], ""]
    return ["number", number[1], enum_of(table, name)]


def enum_of(table: str, name: str) -> str:
    """The enumeration that a field's number belongs to, or empty."""
    if table in ("MirrorPadOptions", "LSHProjectionOptions"):
        return {"mode": "MirrorPadMode", "type": "LSHProjectionType"}[name]
    if TENSOR_TYPE_FIELDS.search(name):
        return "TensorType"
    return FIELD_ENUMS.get(name, "")


if __name__ == "__main__":
    document = schema(Path(sys.argv[1]).read_text())
    RESOURCE.write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")
    print(f"{RESOURCE}: {RESOURCE.stat().st_size} bytes")
