"""The presets, contract files, and finding the contract of a model."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.data import open_dataset
from core.data.choose import choose_contract
from core.data.contract import PreprocessingContract
from core.data.contract_file import read_contract
from core.data.datasets.base import OpenDataset, Sample
from core.data.presets import contracts_for, presets
from core.errors import InputError, JobCancelled


def test_that_every_preset_says_who_uses_it_and_has_a_name_of_its_own():
    assert len({preset.name for preset in presets()}) == len(presets()) >= 12
    assert all(preset.used_by for preset in presets())


def test_that_presets_fit_the_size_channels_and_layout_of_the_input():
    colour = contracts_for((1, 3, 240, 320))
    assert {(c.width, c.height, c.layout, c.channels) for c in colour} == {(320, 240, "NCHW", 3)}
    grey = contracts_for((None, 28, 28, 1))
    assert {(c.width, c.height, c.layout, c.channels) for c in grey} == {(28, 28, "NHWC", 1)}


def test_that_the_margin_of_imagenet_is_256_for_224():
    contract = next(c for c in contracts_for(("N", 3, 224, 224)) if "bicubic" in c.name)
    assert contract.resize_to == 256


def test_that_tiny_inputs_get_the_whole_image():
    assert {contract.resize_to for contract in contracts_for((1, 3, 32, 32))} == {None}


def test_that_free_sizes_take_the_usual_ones():
    assert contracts_for((None, 3, None, None))[0].width == 224


@pytest.mark.parametrize("shape", [(), (1,), (1, 128), (1, 3, 224), (1, 64, 7, 7), (1, 3, 4, 8, 8)])
def test_that_an_input_that_is_no_image_is_refused_with_its_shape(shape):
    with pytest.raises(InputError) as caught:
        contracts_for(shape)
    assert caught.value.what == "The model's input is not an image."
    assert caught.value.remedy


class Unlabelled(OpenDataset):
    """The same images without their labels."""

    def __init__(self, dataset: OpenDataset) -> None:
        self._dataset = dataset
        self.name = dataset.name
        self.samples = [Sample(sample.key, None) for sample in dataset.samples]
        self.classes = ()
        self.warnings = ()

    def read(self, sample: Sample) -> bytes:
        return self._dataset.read(sample)


@pytest.fixture(scope="module")
def infer(sample_model: Path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(sample_model, options)
    return lambda tensor: session.run(None, {"image": tensor})[0]


def test_that_the_contract_of_the_sample_is_found_by_accuracy(infer, sample_data: Path):
    choice = choose_contract(open_dataset(sample_data), contracts_for((1, 1, 28, 28)), infer)
    assert choice.contract.name == "Fashion-MNIST"
    assert choice.table[0].accuracy > 0.8
    assert choice.sentence.startswith("best of 5 presets by accuracy: ")
    assert choice.warning == ""
    assert len(choice.table) == 5


def test_that_the_contract_of_the_sample_is_found_without_labels(infer, sample_data: Path):
    dataset = Unlabelled(open_dataset(sample_data))
    choice = choose_contract(dataset, contracts_for((1, 1, 28, 28)), infer)
    assert choice.contract.name == "Fashion-MNIST"
    assert choice.table[0].accuracy is None
    assert "no labels" in choice.warning


def test_that_of_equals_the_first_given_is_taken(infer, sample_data: Path):
    right = read_contract(sample_data.parent / "contract.json")
    others = [
        right.model_copy(update={"name": "nearest", "interpolation": "nearest"}),
        right,
        right.model_copy(update={"name": "area", "interpolation": "area"}),
    ]
    assert choose_contract(open_dataset(sample_data), others, infer).contract.name == "nearest"


def test_that_answers_at_random_are_warned_about(sample_data: Path):
    random = np.random.default_rng(0)
    choice = choose_contract(
        open_dataset(sample_data),
        contracts_for((1, 1, 28, 28)),
        lambda tensor: random.normal(size=(1, 10)).astype(np.float32),
    )
    assert "guessing" in choice.warning


def test_that_answers_that_are_no_numbers_do_not_win(infer, sample_data: Path):
    right = read_contract(sample_data.parent / "contract.json")
    raw = right.model_copy(update={"name": "raw", "scale": 1.0, "mean": (0.0,), "std": (1.0,)})

    def overflowing(tensor: np.ndarray) -> np.ndarray:
        scores = infer(tensor)
        return scores if tensor.max() < 20 else scores * np.float32("nan")

    choice = choose_contract(open_dataset(sample_data), [raw, right], overflowing)
    assert choice.contract is right or choice.contract == right


def test_that_a_label_beyond_the_models_outputs_is_explained(sample_data: Path):
    with pytest.raises(InputError, match="do not fit the model"):
        choose_contract(
            open_dataset(sample_data),
            contracts_for((1, 1, 28, 28)),
            lambda tensor: np.zeros((1, 2), np.float32),
        )


def test_that_the_search_stops_when_the_person_cancels(infer, sample_data: Path):
    def cancel(done: float, total: float, text: str) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        choose_contract(
            open_dataset(sample_data), contracts_for((1, 1, 28, 28)), infer, progress=cancel
        )


def test_that_the_contract_of_the_sample_is_the_preset_of_its_kind(sample_data: Path):
    contract = read_contract(sample_data.parent / "contract.json")
    assert contract in contracts_for((1, 1, 28, 28))


def test_that_a_contract_file_can_be_toml(tmp_path: Path):
    (tmp_path / "c.toml").write_text('width = 8\nheight = 9\ncolour = "BGR"\n')
    assert read_contract(tmp_path / "c.toml") == PreprocessingContract(
        width=8, height=9, colour="BGR"
    )


def test_that_all_problems_of_a_contract_file_are_told_at_once(tmp_path: Path):
    wrong = {"width": 0, "colour": "CMYK", "margin": 3}
    (tmp_path / "c.json").write_text(json.dumps(wrong))
    with pytest.raises(InputError) as caught:
        read_contract(tmp_path / "c.json")
    assert all(field in caught.value.why for field in ("width", "height", "colour", "margin"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff\xfe"])
def test_that_a_file_that_is_no_contract_is_an_input_error(tmp_path: Path, content: bytes):
    (tmp_path / "c.json").write_bytes(content)
    with pytest.raises(InputError, match="no usable preprocessing contract"):
        read_contract(tmp_path / "c.json")


def test_that_a_missing_contract_file_is_an_input_error(tmp_path: Path):
    with pytest.raises(InputError):
        read_contract(tmp_path / "c.json")
