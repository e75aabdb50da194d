"""Weights outside of the model's file are read only from plain files in the model's own folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core.errors import InputError
from core.formats import check_runnable, read_graph
from core.model.identity import stamp
from core.model.working_copy import write_working_copy

Write = Callable[..., Path]
SHAPE = (4, 4)
SIZE = 64


def external(**place: object) -> onnx.TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=SHAPE)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in place.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)
    return tensor


@pytest.fixture
def write_external(write_model: Write) -> Write:
    def write(**place: object) -> Path:
        node = helper.make_node("MatMul", ["x", "w"], ["y"], "multiply")
        return write_model([node], weights=[external(**place)])

    return write


def fill(path: Path, size: int = SIZE) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(np.arange(size // 4, dtype=np.float32).tobytes())
    return path


def test_that_a_plain_file_beside_the_model_is_used(write_external: Write) -> None:
    source = write_external(location="w.bin", offset=0, length=SIZE)
    fill(source.with_name("w.bin"))
    check_runnable(source)
    assert read_graph(source).file_bytes == source.stat().st_size + SIZE
    working = source.with_name("working.onnx")
    stamp(source, working)
    [weight] = onnx.load(working).graph.initializer
    assert weight.raw_data == source.with_name("w.bin").read_bytes()
    assert weight.data_location == weight.DEFAULT


def test_that_a_file_in_a_folder_below_is_used(write_external: Write) -> None:
    source = write_external(location="data/w.bin")
    fill(source.parent / "data" / "w.bin")
    check_runnable(source)


@pytest.mark.parametrize(
    "location",
    ["../w.bin", "a/../../w.bin", "/etc/passwd", "", "C:\\w.bin", "\\\\host\\w", "..\\w.bin"],
)
def test_that_places_outside_are_refused(write_external: Write, location: str) -> None:
    source = write_external(location=location)
    with pytest.raises(InputError, match="outside of the model's folder"):
        read_graph(source)


def test_that_links_out_of_the_folder_are_refused(
    write_external: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = fill(tmp_path_factory.mktemp("elsewhere") / "w.bin")
    source = write_external(location="w.bin")
    for link in (os.symlink, os.link):
        link(secret, source.with_name("w.bin"))
        with pytest.raises(InputError, match="link"):
            read_graph(source)
        source.with_name("w.bin").unlink()
    source.with_name("data").symlink_to(secret.parent)
    with pytest.raises(InputError, match="link"):
        read_graph(write_external(location="data/w.bin"))


def test_that_pipes_and_folders_are_refused(write_external: Write) -> None:
    source = write_external(location="w.bin")
    os.mkfifo(source.with_name("w.bin"))
    with pytest.raises(InputError, match="no plain file"):
        read_graph(source)
    source.with_name("w.bin").unlink()
    source.with_name("w.bin").mkdir()
    with pytest.raises(InputError, match="no plain file"):
        read_graph(source)


@pytest.mark.parametrize("place", [{"offset": "-4"}, {"length": "9" * 40}, {"offset": "0x10"}])
def test_that_senseless_numbers_are_refused(write_external: Write, place: dict[str, str]) -> None:
    source = write_external(location="w.bin", **place)
    fill(source.with_name("w.bin"))
    with pytest.raises(InputError, match="no sensible place"):
        read_graph(source)


@pytest.mark.parametrize("place", [{}, {"offset": 8}, {"length": 10**18}])
def test_that_missing_numbers_are_drawn_with_a_warning_and_never_run(
    write_external: Write, place: dict[str, int]
) -> None:
    source = write_external(location="w.bin", **place)
    for size in (None, SIZE - 4):
        if size:
            fill(source.with_name("w.bin"), size)
        graph = read_graph(source)
        assert "w.bin" in graph.warnings[0]
        assert graph.by_id["multiply"].parameters == 16
        with pytest.raises(InputError, match="not complete"):
            check_runnable(source)
        with pytest.raises(InputError, match="not complete"):
            stamp(source, source.with_name("working.onnx"))


def test_that_large_weights_go_into_one_file_beside_the_working_copy(
    write_external: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.model.working_copy.LARGEST_SINGLE_FILE", SIZE)
    source = write_external(location="w.bin", offset=4, length=SIZE)
    fill(source.with_name("w.bin"), SIZE + 4)
    working = source.with_name("working.onnx")
    write_working_copy(source, working)
    check_runnable(working)
    [weight] = onnx.load(working).graph.initializer
    assert weight.raw_data == source.with_name("w.bin").read_bytes()[4:]
    assert source.with_name("working.onnx.data").stat().st_size == SIZE


OPEN_AND_MEASURE = """
import sys
from pathlib import Path
import onnx
from core.formats import formats, read_graph
def peak():  # ru_maxrss would be that of the parent, from before this program was started
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
formats()
before = peak()
graph = read_graph(Path(sys.argv[1]))
assert graph.parameters == 1 << 28, graph.parameters
print(peak() - before)
"""


def test_that_a_model_of_one_gigabyte_opens_without_its_weights(write_model: Write) -> None:
    weights = []
    for index in range(16):
        tensor = external(location="w.bin", offset=index << 26, length=1 << 26)
        tensor.name = f"w{index}"
        tensor.dims[:] = [4096, 4096]
        weights.append(tensor)
    nodes = [
        helper.make_node("MatMul", [f"t{i}" if i else "x", f"w{i}"], [f"t{i + 1}"])
        for i in range(16)
    ]
    source = write_model(nodes, x=(1, 4096), weights=weights)
    with source.with_name("w.bin").open("wb") as file:
        file.truncate(1 << 30)
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AND_MEASURE, source], capture_output=True, check=True
    )
    assert 0 < int(done.stdout) < 100_000  # KiB
