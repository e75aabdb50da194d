"""How an image file becomes the tensor that a contract describes."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.data import open_dataset
from core.data.contract import PreprocessingContract
from core.data.datasets.base import Sample
from core.data.decode import prepare, prepare_all, tensor_shape
from core.errors import InputError, JobCancelled


def contract(**fields: object) -> PreprocessingContract:
    given: dict[str, object] = {"width": 8, "height": 8, "resize": "stretch"}
    return PreprocessingContract.model_validate(given | fields)


def test_that_pixels_are_scaled_and_normalized_per_channel(png):
    image = np.zeros((8, 8, 3), np.uint8)
    image[:] = (255, 0, 51)
    tensor = prepare(png(image), contract(mean=(0.5, 0.5, 0.2), std=(0.5, 0.25, 0.1)))
    assert tensor.shape == (3, 8, 8)
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor[:, 0, 0], (1.0, -2.0, 0.0), atol=1e-6)


def test_that_bgr_swaps_red_and_blue(png):
    image = np.zeros((8, 8, 3), np.uint8)
    image[:] = (10, 20, 30)
    tensor = prepare(png(image), contract(colour="BGR", scale=1.0))
    assert tensor[:, 0, 0].tolist() == [30, 20, 10]


def test_that_the_mean_of_bgr_is_in_bgr_order(png):
    image = np.zeros((8, 8, 3), np.uint8)
    image[:] = (10, 20, 30)
    tensor = prepare(png(image), contract(colour="BGR", scale=1.0, mean=(30, 20, 10)))
    assert not tensor.any()


def test_that_nhwc_keeps_the_channels_last(png):
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    last = prepare(png(image), contract(layout="NHWC"))
    assert last.shape == (8, 8, 3)
    np.testing.assert_array_equal(last.transpose(2, 0, 1), prepare(png(image), contract()))


def test_that_grey_has_one_channel_with_pillows_weights(png):
    image = np.zeros((8, 8, 3), np.uint8)
    image[:] = (255, 0, 0)
    tensor = prepare(png(image), contract(colour="grey", scale=1.0))
    assert tensor.shape == (1, 8, 8)
    assert tensor[0, 0, 0] == 76


def test_that_a_grey_file_becomes_three_equal_channels(png):
    tensor = prepare(png(np.full((8, 8), 7, np.uint8)), contract(scale=1.0))
    assert tensor[:, 3, 3].tolist() == [7, 7, 7]


def test_that_short_side_crops_the_centre(png):
    image = np.zeros((8, 24, 3), np.uint8)
    image[:, 8:16] = 255
    tensor = prepare(png(image), contract(resize="short-side"))
    assert (tensor == 1).all()


def test_that_resize_to_leaves_a_margin_as_torchvision_does():
    image = Image.effect_noise((50, 40), 80).convert("RGB")
    file = io.BytesIO()
    image.save(file, "PNG")
    tensor = prepare(
        file.getvalue(),
        contract(
            width=28, height=28, resize="short-side", resize_to=32, interpolation="bicubic", scale=1
        ),
    )
    expected = image.resize((40, 32), Image.Resampling.BICUBIC).crop((6, 2, 34, 30))
    np.testing.assert_array_equal(tensor.transpose(1, 2, 0), np.asarray(expected, np.float32))


def test_that_letterbox_pads_what_is_missing(png):
    tensor = prepare(png(np.full((4, 8, 3), 255, np.uint8)), contract(resize="letterbox", scale=1))
    assert (tensor[:, 2:6] == 255).all()
    assert (tensor[:, :2] == 114).all()
    assert (tensor[:, 6:] == 114).all()


def test_that_letterbox_pads_grey_images_too(png):
    given = contract(resize="letterbox", colour="grey", scale=1)
    tensor = prepare(png(np.full((4, 8), 255, np.uint8)), given)
    assert (tensor[0, :2] == 114).all()


def test_that_none_refuses_other_sizes_with_both_sizes_named(png):
    with pytest.raises(InputError) as caught:
        prepare(png(np.zeros((9, 7, 3), np.uint8)), contract(resize="none"))
    assert "7×9" in caught.value.why
    assert "8×8" in caught.value.why


def test_that_sixteen_bit_pixels_are_scaled_not_clipped():
    file = io.BytesIO()
    Image.fromarray(np.full((8, 8), 32768, np.uint16)).save(file, "PNG")
    tensor = prepare(file.getvalue(), contract(colour="grey", scale=1))
    assert (tensor == 128).all()


@pytest.mark.parametrize("how", ["nearest", "bilinear", "bicubic", "lanczos", "area"])
def test_that_every_interpolation_keeps_a_plain_colour(png, how: str):
    image = np.full((20, 30, 3), 90, np.uint8)
    tensor = prepare(png(image), contract(interpolation=how, scale=1))
    assert (tensor == 90).all()


@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    target=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    margin=st.none() | st.integers(1, 60),
    resize=st.sampled_from(["short-side", "stretch", "letterbox"]),
)
def test_that_any_image_gives_the_shape_that_was_promised(width, height, target, margin, resize):
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 200, 200)).save(file, "BMP")
    wanted = contract(width=target[0], height=target[1], resize=resize, resize_to=margin, scale=1)
    tensor = prepare(file.getvalue(), wanted)
    assert tensor.shape == tensor_shape(wanted)
    if resize != "letterbox":
        assert (tensor == 200).all()


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0 nothing"])
def test_that_what_is_no_image_is_an_input_error(data: bytes):
    with pytest.raises(InputError, match="cannot be decoded"):
        prepare(data, contract())


def test_that_a_truncated_image_is_an_input_error(png):
    whole = png(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    with pytest.raises(InputError, match="cannot be decoded"):
        prepare(whole[: len(whole) // 2], contract())


def test_that_an_image_with_absurdly_many_pixels_is_refused_before_it_is_decoded(png):
    bomb = bytearray(png(np.zeros((8, 8), np.uint8)))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib

    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    with pytest.raises(InputError, match="cannot be decoded"):
        prepare(bytes(bomb), contract())


def test_that_prepare_all_writes_every_tensor_in_order(tiny_data: Path, tmp_path: Path):
    dataset = open_dataset(tiny_data)
    given = contract(width=16, height=16)
    told: list[float] = []
    samples = dataset.samples[5:15]
    target = tmp_path / "inputs.npy"
    prepare_all(dataset, samples, given, target, lambda done, total, text: told.append(done))
    array = np.load(target, mmap_mode="r")
    assert array.shape == (10, 3, 16, 16)
    assert array.dtype == np.float32
    for row, sample in zip(array, samples, strict=True):
        np.testing.assert_array_equal(row, prepare(dataset.read(sample), given))
    assert told[-1] == 10


def test_that_prepare_all_names_all_images_that_cannot_be_used(tmp_path: Path, png):
    whole = png(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(9):
        cut = len(whole) // 2 if number % 3 == 0 else len(whole)
        (folder / f"{number}.png").write_bytes(whole[:cut])
    dataset = open_dataset(folder)
    with pytest.raises(InputError) as caught:
        prepare_all(dataset, dataset.samples, contract(), tmp_path / "inputs.npy")
    assert "3 of 9" in caught.value.what
    assert all(name in caught.value.why for name in ("0.png", "3.png", "6.png"))


def test_that_prepare_all_stops_when_the_person_cancels(tiny_data: Path, tmp_path: Path):
    def cancel(done: float, total: float, text: str) -> None:
        raise JobCancelled

    dataset = open_dataset(tiny_data)
    with pytest.raises(JobCancelled):
        prepare_all(dataset, dataset.samples, contract(), tmp_path / "inputs.npy", cancel)


def test_that_prepare_all_accepts_no_samples(tiny_data: Path, tmp_path: Path):
    prepare_all(open_dataset(tiny_data), list[Sample](), contract(), tmp_path / "inputs.npy")
    assert np.load(tmp_path / "inputs.npy").shape == (0, 3, 8, 8)
