"""Small models in the formats of others, and the words in which they are refused."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import InputError
from core.formats import read_graph

FILES = Path(__file__).parent / "files"

PROTOTXT = """
name: "LeNet"
layer { name: "data" type: "Input" top: "data"
  input_param { shape: { dim: 1 dim: 1 dim: 28 dim: 28 } } }
layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TRAIN } }
# A comment.
layer {
  name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 20 kernel_size: 5 weight_filler { type: "xavier" } }
}
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "prob" type: "Softmax" bottom: "conv1" top: "prob" }
"""
SYMBOL = """{"nodes": [
 {"op": "null", "name": "data", "inputs": []},
 {"op": "null", "name": "conv0_weight", "inputs": []},
 {"op": "Convolution", "name": "conv0", "attrs": {"kernel": "(3, 3)"}, "inputs": [[0,0,0],[1,0,0]]},
 {"op": "SliceChannel", "name": "half", "attrs": {"num_outputs": "2"}, "inputs": [[2, 0, 0]]},
 {"op": "elemwise_add", "name": "plus", "inputs": [[3, 0, 0], [3, 1, 0]]}],
 "arg_nodes": [0, 1], "heads": [[4, 0, 0]], "attrs": {"mxnet_version": ["int", 10600]}}"""
NNET3 = """<Nnet3>

input-node name=input dim=40
component-node name=tdnn.affine component=tdnn.affine input=Append(Offset(input, -1), input)
component-node name=tdnn.relu component=tdnn.relu input=tdnn.affine
output-node name=output input=Sum(tdnn.relu, Scale(0.5, tdnn.affine)) objective=linear

<NumComponents> 2
<ComponentName> tdnn.affine <NaturalGradientAffineComponent> <LearningRate> 0.001
<ComponentName> tdnn.relu <RectifiedLinearComponent> <Dim> 40
</Nnet3>
"""
OLD_IR = """<?xml version="1.0"?>
<net name="old" version="6"><layers>
 <layer id="0" name="in" type="Input" precision="FP32">
  <output><port id="0"><dim>1</dim><dim>8</dim></port></output></layer>
 <layer id="1" name="fc" type="FullyConnected" precision="FP32"><data out-size="4"/>
  <input><port id="0"><dim>1</dim><dim>8</dim></port></input>
  <output><port id="1"><dim>1</dim><dim>4</dim></port></output>
  <blobs><weights offset="0" size="128"/><biases offset="128" size="16"/></blobs></layer>
</layers><edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/></edges></net>"""


def _keras(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.write(FILES / "keras_config.json", "config.json")


def _keras_h5(path: Path) -> None:
    """The one thing that matters here of HDF5: its sign, and the settings somewhere inside."""
    settings = (FILES / "keras_config.json").read_bytes()
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(2000) + settings + bytes(500))


_MADE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "lenet.prototxt": ("caffe", lambda path: path.write_text(PROTOTXT)),
    "net-symbol.json": ("mxnet", lambda path: path.write_text(SYMBOL)),
    "final.raw": ("kaldi", lambda path: path.write_text(NNET3)),
    "old.xml": ("openvino", lambda path: path.write_text(OLD_IR)),
    "small.keras": ("keras", _keras),
    "small.h5": ("keras", _keras_h5),
}
_KEPT = {
    "hello_world_int8.tflite": "tflite",
    "l2_norm_composite.tflite": "tflite",
    "test_model_fp32.xml": "openvino",
    "tensorflow_frozen.pb": "tensorflow",
    "loop_saved": "tensorflow",
    "paddle.pdmodel": "paddle",
    "paddle_pir.json": "paddle",
}
SAMPLES = {**{name: known for name, (known, _) in _MADE.items()}, **_KEPT}
"""File name to the format's name."""


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small model of every form; read it, do not write into it."""
    folder = tmp_path_factory.mktemp("samples")
    shutil.copytree(FILES, folder, dirs_exist_ok=True)
    for name, (_, write) in _MADE.items():
        write(folder / name)
    return folder


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest, samples: Path) -> tuple[Path, str]:
    """Each sample, and the name of its format."""
    return samples / request.param, SAMPLES[request.param]


@pytest.fixture
def refusal() -> Callable[[Path], InputError]:
    """Reads a file that must be refused, and returns how."""

    def read(path: Path) -> InputError:
        with pytest.raises(InputError) as caught:
            read_graph(path)
        assert caught.value.remedy
        return caught.value

    return read
