"""Fixtures that the whole suite shares: small real models and images, Qt without a display."""

import os
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE = REPOSITORY / "resources" / "samples" / "fashion-mnist"
TINY_CLASSES = ("blue", "green", "grey", "red")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--jetson",
        metavar="USER@HOST",
        default="",
        help="a real Jetson, on which the tests of scripted ones run as well",
    )


@pytest.fixture(scope="session")
def sample_model() -> Path:
    """The classifier that ships with the product."""
    return SAMPLE / "model.onnx"


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """Its labelled test images."""
    return SAMPLE / "images.zip"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1×3×16×16 → Conv, Relu, depthwise Conv, Relu, pool, Gemm → 1×4; random weights, seed 0."""
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    onnx.save(build_tiny_model(), path)
    return path


def build_tiny_model() -> onnx.ModelProto:
    random = np.random.default_rng(0)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        values = random.normal(0, 0.4, shape).astype(np.float32)
        return numpy_helper.from_array(values, name)

    nodes = [
        helper.make_node(
            "Conv", ["image", "stem.weight", "stem.bias"], ["stem_out"], "stem/Conv", pads=[1] * 4
        ),
        helper.make_node("Relu", ["stem_out"], ["stem_act"], "stem/Relu"),
        helper.make_node(
            "Conv",
            ["stem_act", "body.weight", "body.bias"],
            ["body_out"],
            "body/Conv",
            pads=[1] * 4,
            group=8,
        ),
        helper.make_node("Relu", ["body_out"], ["body_act"], "body/Relu"),
        helper.make_node("GlobalAveragePool", ["body_act"], ["pooled"], "head/Pool"),
        helper.make_node("Flatten", ["pooled"], ["flat"], "head/Flatten"),
        helper.make_node("Gemm", ["flat", "head.weight", "head.bias"], ["scores"], "head/Gemm"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 4])],
        [
            weight("stem.weight", 8, 3, 3, 3),
            weight("stem.bias", 8),
            weight("body.weight", 8, 1, 3, 3),
            weight("body.bias", 8),
            weight("head.weight", 8, 4),
            weight("head.bias", 4),
        ],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10, producer_name="tests"
    )


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of six noisy 16×16 images, one folder per class."""
    folder = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(1)
    tints = {
        "blue": (40, 40, 200),
        "green": (40, 200, 40),
        "grey": (120,) * 3,
        "red": (200, 40, 40),
    }
    for name in TINY_CLASSES:
        (folder / name).mkdir()
        for number in range(6):
            pixels = random.normal(tints[name], 20, (16, 16, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


CELLS, CELL = 8, 8
"""Squares along each side of an image, and pixels along each side of a square."""
SIDE = CELLS * CELL


def cell_scores() -> list[onnx.NodeProto]:
    """image → scores (1, 3, 8, 8): how red, green and blue each square is."""
    return [
        helper.make_node("Conv", ["image", "w", "b"], ["c"], "cells/Conv", strides=[CELL, CELL]),
        helper.make_node("Sigmoid", ["c"], ["maps"], "cells/Sigmoid"),
    ]


def square_weights() -> list[onnx.TensorProto]:
    # A colour counts as much as the others are missing; grey gives 0.
    contrast = np.full((3, 3), -6.0) + np.eye(3) * 18
    kernel = np.repeat(contrast, CELL * CELL).reshape(3, 3, CELL, CELL) / CELL**2
    return [
        numpy_helper.from_array(kernel.astype(np.float32), "w"),
        numpy_helper.from_array(np.full(3, -4, np.float32), "b"),
    ]


def save_squares(
    path: Path,
    nodes: list[onnx.NodeProto],
    output: tuple[str, list[int]],
    constants: list[onnx.TensorProto],
) -> Path:
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    answer = helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])
    graph = helper.make_graph(nodes, "squares", [image], [answer], constants)
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finds coloured squares; one box a square, laid out as YOLOv8's: (1, 4 + 3, 64)."""
    middle = np.arange(CELLS) * CELL + CELL / 2
    across, down = np.meshgrid(middle, middle)
    size = np.full(CELLS * CELLS, CELL)
    boxes = np.stack([across.ravel(), down.ravel(), size, size])[None].astype(np.float32)
    nodes = [
        *cell_scores(),
        helper.make_node("Reshape", ["maps", "flat"], ["scores"], "head/Reshape"),
        helper.make_node("Concat", ["boxes", "scores"], ["output0"], "head/Concat", axis=1),
    ]
    constants = [
        *square_weights(),
        numpy_helper.from_array(np.array([1, 3, CELLS * CELLS]), "flat"),
        numpy_helper.from_array(boxes, "boxes"),
    ]
    path = tmp_path_factory.mktemp("detector") / "detector.onnx"
    return save_squares(path, nodes, ("output0", [1, 7, CELLS * CELLS]), constants)


@pytest.fixture(scope="session")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class of each square: (1, 3, 8, 8)."""
    path = tmp_path_factory.mktemp("segmenter") / "segmenter.onnx"
    return save_squares(path, cell_scores(), ("maps", [1, 3, CELLS, CELLS]), square_weights())


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen images with coloured squares on grey, their boxes (YOLO), and a list of names."""
    folder = tmp_path_factory.mktemp("squares")
    random = np.random.default_rng(0)
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    (folder / "classes.txt").write_text("red\ngreen\nblue\n")
    for number in range(16):
        pixels = random.normal(120, 8, (SIDE, SIDE, 3))
        lines: list[str] = []
        for place in random.choice(CELLS * CELLS, 5, replace=False):
            row, column, label = place // CELLS, place % CELLS, int(random.integers(3))
            square = pixels[row * CELL :, column * CELL :][:CELL, :CELL]
            square[:] = 20
            square[..., label] = 230
            x, y = (column + 0.5) / CELLS, (row + 0.5) / CELLS
            lines.append(f"{label} {x} {y} {1 / CELLS} {1 / CELLS}")
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        picture.save(folder / "images" / f"{number:02d}.png")
        (folder / "labels" / f"{number:02d}.txt").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="session")
def two_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ids → Gather → × mask → MatMul → Relu → MatMul: a model that no image fits."""
    random = np.random.default_rng(0)
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["words"], "embed/Gather"),
        helper.make_node("Mul", ["words", "mask"], ["masked"], "embed/Mul"),
        helper.make_node("MatMul", ["masked", "first"], ["hidden"], "body/MatMul"),
        helper.make_node("Relu", ["hidden"], ["active"], "body/Relu"),
        helper.make_node("MatMul", ["active", "second"], ["logits"], "head/MatMul"),
    ]
    graph = helper.make_graph(
        nodes,
        "words",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, [1, 6]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 6, 1]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 6, 10])],
        [
            numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name)
            for name, shape in (("table", (10, 16)), ("first", (16, 32)), ("second", (32, 10)))
        ],
    )
    path = tmp_path_factory.mktemp("words") / "words.onnx"
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen .npz files with both inputs."""
    folder = tmp_path_factory.mktemp("words-data")
    random = np.random.default_rng(1)
    for number in range(16):
        mask = (random.random((1, 6, 1)) < 0.8).astype(np.float32)
        np.savez(folder / f"{number:02d}.npz", ids=random.integers(0, 10, (1, 6)), mask=mask)
    return folder


PYTORCH_STAND_IN = '''
"""Does what the converter calls: hands out the model that lies beside it."""

import shutil
import types
from pathlib import Path


def _export(module, given, target, **options):
    if module == "broken":
        raise ValueError("this operator is not known")
    shutil.copy(Path(__file__).parent / "model.onnx", target)


def _load(path):
    return "broken" if "broken" in path else "program"


set_grad_enabled = print
export = types.SimpleNamespace(load=_load)
onnx = types.SimpleNamespace(export=_export)
'''


@pytest.fixture(scope="session")
def pytorch_stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter in whose environment “torch” is the stand-in."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    torch = Path(packages) / "torch"
    torch.mkdir()
    (torch / "__init__.py").write_text(PYTORCH_STAND_IN)
    onnx.save(build_converted_tiny(), torch / "model.onnx")
    return folder / "bin" / "python"


def build_converted_tiny() -> onnx.ModelProto:
    """The beginning of formats/files/tiny.pt2 as PyTorch's exporter writes it."""
    weights = [
        numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "stem.weight"),
        numpy_helper.from_array(np.ones(4, np.float32), "stem.bias"),
    ]
    nodes = [
        helper.make_node(
            "Conv", ["x", "stem.weight", "stem.bias"], ["conv"], "node_Conv_1", pads=[1] * 4
        ),
        helper.make_node("Relu", ["conv"], ["y"], "node_relu"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 8, 8])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """An empty folder that other users may look into, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def read_only() -> Callable[[Path], AbstractContextManager[None]]:
    """Takes away this process's right to write to a folder, even when it runs as root."""
    return _read_only


@contextmanager
def _read_only(folder: Path) -> Generator[None]:
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


@pytest.fixture
def read_only_folder(public_folder: Path) -> Iterator[Path]:
    """An empty folder that cannot be written to."""
    with _read_only(public_folder):
        yield public_folder


@pytest.fixture(autouse=True)
def private_user_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reads or writes the user's own settings and caches."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "user" / variable.lower()))
    yield
