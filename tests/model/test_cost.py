"""Operations follow from shapes, or are not known; details name the kernel."""

import pytest

from core.model.cost import Shape, Work, detail, operations


def work(operator: str, inputs: list[Shape], output: Shape, **numbers: list[int]) -> Work:
    return Work(operator, inputs, [output], numbers, frozenset(range(1, len(inputs))))


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (work("Conv", [(1, 8, 9, 9), (4, 8, 3, 3)], (1, 4, 7, 7)), 2 * 4 * 49 * 72),
        (work("Conv", [(1, 8, 9, 9), (8, 1, 3, 3)], (1, 8, 7, 7), group=[8]), 2 * 8 * 49 * 9),
        (work("ConvTranspose", [(1, 8, 4, 4), (8, 4, 2, 2)], (1, 4, 8, 8)), 2 * 8 * 16 * 16),
        (work("Gemm", [(1, 8), (8, 4)], (1, 4)), 2 * 8 * 4),
        (work("Gemm", [(8, 1), (8, 4)], (1, 4), transA=[1]), 2 * 8 * 4),
        (work("MatMul", [(2, 3, 8), (8, 4)], (2, 3, 4)), 2 * 2 * 3 * 8 * 4),
        (work("MatMulNBits", [(2, 3, 64)], (2, 3, 4), K=[64], N=[4]), 2 * 2 * 3 * 64 * 4),
        (work("LSTM", [(5, 1, 8), (1, 16, 8), (1, 16, 4)], (5, 1, 1, 4)), 2 * 5 * (128 + 64)),
        (work("MaxPool", [(1, 2, 4, 4)], (1, 2, 2, 2), kernel_shape=[2, 2]), 8 * 4),
        (work("GlobalAveragePool", [(1, 2, 4, 4)], (1, 2, 1, 1)), 32),
        (work("Relu", [(1, 10)], (1, 10)), 10),
        (work("Reshape", [(1, 10), (2,)], (2, 5)), 0),
        (work("Relu", [None], None), None),
        (work("MatMul", [(1, None), (8, 4)], (1, 4)), None),
        (work("Conv", [(1, 8, 9, 9)], (1, 4, 7, 7)), None),
        (work("If", [()], (1, 4)), None),
    ],
)
def test_that_operations_are_counted(layer: Work, expected: int | None) -> None:
    assert operations(layer) == expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (work("Conv", [None, (32, 16, 1, 1)], None), "1×1 32×16"),
        (work("Conv", [None, (96, 1, 3, 3)], None, group=[96]), "3×3 dw 96"),
        (work("Conv", [None, (64, 16, 3, 3)], None, group=[4]), "3×3 64×16 /4 groups"),
        (work("Gemm", [None, (1000, 1280)], None), "1000×1280"),
        (work("MatMulNBits", [None, (4, 2, 16)], None, K=[64], N=[4]), "64×4"),
        (work("MaxPool", [None], None, kernel_shape=[3, 3]), "3×3"),
        (Work("MatMul", [(1, 8), (8, 8)], [(1, 8)], {}), ""),
        (work("Relu", [None], None), ""),
    ],
)
def test_that_details_are_short(layer: Work, expected: str) -> None:
    assert detail(layer) == expected
