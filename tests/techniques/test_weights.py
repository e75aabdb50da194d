"""Weights become INT8 with small errors, and never overflow an engine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import helper

from core.techniques.weights import (
    channel_axis,
    int8_weight,
    is_depthwise,
    pair_safe_scales,
    smallest_scales,
    weight_rows,
)

CONV = helper.make_node("Conv", ["x", "w"], ["y"])
KERNELS = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(2, 7), st.integers(1, 3)),
    elements=st.floats(-10, 10, width=32),
)


@given(KERNELS)
def test_that_rounding_is_off_by_half_a_step_at_most(kernel):
    weight = int8_weight(kernel, 0)
    scales = weight.scales.reshape(-1, 1, 1)
    assert np.all(np.abs(weight.values * scales - kernel) <= scales * 0.5001)


@given(KERNELS)
def test_that_neighbours_of_one_sign_fit_into_16_bits(kernel):
    values = int8_weight(kernel, 0, pair_safe_scales(weight_rows(kernel, CONV))).values.astype(int)
    channels_last = np.moveaxis(values, 1, -1)
    for rows in (channels_last, channels_last.reshape(len(values), 1, -1)):
        even = rows[..., : rows.shape[-1] // 2 * 2]
        pairs = even.reshape(len(values), -1, 2)
        for sums in (np.maximum(pairs, 0).sum(-1), np.maximum(-pairs, 0).sum(-1)):
            assert 255 * sums.max(initial=0) <= 32767 + 255  # rounding may add one


def test_that_the_bound_on_pairs_keeps_more_than_half_the_range():
    kernel = np.random.default_rng(0).normal(0, 1, (64, 128, 1, 1)).astype(np.float32)
    largest = np.abs(
        int8_weight(kernel, 0, pair_safe_scales(weight_rows(kernel, CONV))).values
    ).max(axis=(1, 2, 3))
    assert np.median(largest) > 75


def test_that_only_kernels_of_one_channel_to_one_are_depthwise():
    kernel = np.ones((8, 1, 3, 3), np.float32)
    depthwise = helper.make_node("Conv", ["x", "w"], ["y"], group=8)
    doubling = helper.make_node("Conv", ["x", "w"], ["y"], group=4)
    assert is_depthwise(kernel, depthwise)
    assert not is_depthwise(kernel, doubling)
    assert not is_depthwise(kernel, CONV)


@pytest.mark.parametrize(
    ("operator", "attributes", "rank", "axis"),
    [
        ("Conv", {}, 4, 0),
        ("Conv", {"group": 4}, 3, 0),
        ("ConvTranspose", {}, 4, 1),
        ("ConvTranspose", {"group": 2}, 4, None),
        ("Gemm", {}, 2, 1),
        ("Gemm", {"transB": 1}, 2, 0),
        ("MatMul", {}, 2, 1),
        ("MatMul", {}, 3, None),
    ],
)
def test_that_the_axis_of_output_channels_is_known(operator, attributes, rank, axis):
    assert channel_axis(helper.make_node(operator, ["x", "w"], ["y"], **attributes), rank) == axis


def test_that_a_bias_fits_into_32_bits():
    bias = np.array([1e6, -3, 0], np.float32)
    scales = int8_weight(np.full((3, 2), 1e-9, np.float32), 0, smallest_scales(bias, 0.01)).scales
    assert np.all(np.abs(bias / (0.01 * scales)) < 2**31)
