"""The published models as kernels, from the papers and repositories that describe them."""

import re
from collections.abc import Callable

from core.search.forecast.workload import Workload
from tests.benchmarks.forecasting.sketch import Sketch
from tests.benchmarks.forecasting.yolo import yolo


def published(model: str) -> Workload | None:
    """The kernels of a model of the published table, or None where none were written down."""
    for pattern, make in _ARCHITECTURES:
        found = re.fullmatch(pattern, model)
        if found:
            return make(*found.groups()).workload(model)
    return yolo(model)


def _round(channels: float) -> int:
    """Multiples of 8, never below 90 % (MobileNetV2)."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def _mobilenet_v1(alpha: str = "1.0", size: str = "224", classes: int = 1000) -> Sketch:
    sketch, width = Sketch(int(size), int(size)), float(alpha)
    _mobilenet_v1_body(sketch, width)
    return sketch.pool_all().dense(classes)


def _mobilenet_v1_body(sketch: Sketch, width: float) -> None:
    sketch.conv(int(32 * width), 3, 2)
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5]
    for channels, stride in [*blocks, (1024, 2), (1024, 1)]:
        sketch.depthwise(3, stride).conv(int(channels * width), 1)


def _inverted(
    sketch: Sketch, expanded: int, channels: int, kernel: int, stride: int, squeezed: int = 0
) -> None:
    same = stride == 1 and sketch.channels == channels
    if expanded != sketch.channels:
        sketch.conv(expanded, 1)
    sketch.depthwise(kernel, stride)
    if squeezed:
        sketch.squeeze_excite(squeezed)
    sketch.conv(channels, 1, added=same)


_V2 = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1)]
_V2 += [(6, 160, 3, 2), (6, 320, 1, 1)]


def _mobilenet_v2(alpha: str = "1.0", size: str = "224") -> Sketch:
    sketch, width = Sketch(int(size), int(size)), float(alpha)
    _mobilenet_v2_body(sketch, width)
    return sketch.pool_all().dense(1000)


def _mobilenet_v2_body(sketch: Sketch, width: float) -> None:
    sketch.conv(_round(32 * width), 3, 2)
    for expand, channels, repeats, first in _V2:
        for index in range(repeats):
            stride = 1 if index else first
            _inverted(sketch, sketch.channels * expand, _round(channels * width), 3, stride)
    sketch.conv(max(1280, _round(1280 * width)), 1)


_V3_LARGE = [(3, 16, 16, 0, 1), (3, 64, 24, 0, 2), (3, 72, 24, 0, 1), (5, 72, 40, 1, 2)]
_V3_LARGE += [(5, 120, 40, 1, 1)] * 2 + [(3, 240, 80, 0, 2), (3, 200, 80, 0, 1)]
_V3_LARGE += [(3, 184, 80, 0, 1)] * 2 + [(3, 480, 112, 1, 1), (3, 672, 112, 1, 1)]
_V3_LARGE += [(5, 672, 160, 1, 2)] + [(5, 960, 160, 1, 1)] * 2
_V3_SMALL = [(3, 16, 16, 1, 2), (3, 72, 24, 0, 2), (3, 88, 24, 0, 1), (5, 96, 40, 1, 2)]
_V3_SMALL += [(5, 240, 40, 1, 1)] * 2 + [(5, 120, 48, 1, 1), (5, 144, 48, 1, 1)]
_V3_SMALL += [(5, 288, 96, 1, 2)] + [(5, 576, 96, 1, 1)] * 2


def _mobilenet_v3(
    kind: str = "large", plain: str | None = None, size: str = "224", alpha: str = "1.0"
) -> Sketch:
    """The minimalistic ones have neither squeeze-and-excite nor 5×5 kernels."""
    sketch, width = Sketch(int(size), int(size)), float(alpha)
    large = kind == "large"
    sketch.conv(16, 3, 2)
    for kernel, expanded, channels, squeeze, stride in _V3_LARGE if large else _V3_SMALL:
        wide = _round(expanded * width)
        squeezed = _round(wide / 4) if squeeze and not plain else 0
        taps = 3 if plain else kernel
        _inverted(sketch, wide, _round(channels * width), taps, stride, squeezed)
    sketch.conv(_round((960 if large else 576) * width), 1).pool_all()
    return sketch.conv(1280 if large else 1024, 1).dense(1000)


_LITE = {"0": (1.0, 1.0, 224), "1": (1.0, 1.1, 240), "2": (1.1, 1.2, 260)}
_LITE |= {"3": (1.2, 1.4, 280), "4": (1.4, 1.8, 300)}
_B0 = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3)]
_B0 += [(6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]


def _efficientnet_lite(variant: str) -> Sketch:
    """First and last stage are not made deeper; stem and head keep their width."""
    width, depth, size = _LITE[variant]
    sketch = Sketch(size, size).conv(32, 3, 2)
    for stage, (expand, channels, repeats, first, kernel) in enumerate(_B0):
        deep = repeats if stage in (0, len(_B0) - 1) else -int(-repeats * depth // 1)
        for index in range(deep):
            wide = _round(channels * width)
            _inverted(sketch, sketch.channels * expand, wide, kernel, 1 if index else first)
    return sketch.conv(1280, 1).pool_all().dense(1000)


_MNASNET = [(1, 16, 1, 1, 3), (3, 24, 3, 2, 3), (3, 40, 3, 2, 5), (6, 80, 3, 2, 5)]
_MNASNET += [(6, 96, 2, 1, 3), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]
_PROXYLESS = [(1, 16, 1, 1, 3), (3, 32, 2, 2, 5), (3, 40, 4, 2, 7), (6, 80, 4, 2, 7)]
_PROXYLESS += [(3, 96, 4, 1, 5), (6, 192, 4, 2, 7), (6, 320, 1, 1, 7)]


def _searched(stages: list[tuple[int, int, int, int, int]]) -> Callable[[], Sketch]:
    def make() -> Sketch:
        sketch = Sketch(224, 224).conv(32, 3, 2)
        for expand, channels, repeats, first, kernel in stages:
            for index in range(repeats):
                wide = sketch.channels * expand
                _inverted(sketch, wide, channels, kernel, 1 if index else first)
        return sketch.conv(1280, 1).pool_all().dense(1000)

    return make


def _basic(sketch: Sketch, channels: int, stride: int = 1) -> None:
    height, width, before = sketch.height, sketch.width, sketch.channels
    if stride > 1 or before != channels:
        sketch.conv(channels, 1, stride).at(height, width, before)
    sketch.conv(channels, 3, stride).conv(channels, 3, added=True)


def _bottleneck(sketch: Sketch, inner: int, stride: int = 1) -> None:
    height, width, before = sketch.height, sketch.width, sketch.channels
    if stride > 1 or before != 4 * inner:
        sketch.conv(4 * inner, 1, stride).at(height, width, before)
    sketch.conv(inner, 1).conv(inner, 3, stride).conv(4 * inner, 1, added=True)


def _residual(sketch: Sketch, repeats: tuple[int, ...], wide: bool) -> None:
    sketch.conv(64, 7, 2).pool()
    for stage, count in enumerate(repeats):
        for index in range(count):
            stride = 2 if stage and not index else 1
            (_bottleneck if wide else _basic)(sketch, 64 * 2**stage, stride)


def _resnet50(size: str = "224") -> Sketch:
    sketch = Sketch(int(size), int(size))
    _residual(sketch, (3, 4, 6, 3), wide=True)
    return sketch.pool_all().dense(1000)


def _resnet152() -> Sketch:
    sketch = Sketch(299, 299)
    _residual(sketch, (3, 8, 36, 3), wide=True)
    return sketch.pool_all().dense(1000)


def _resnet18() -> Sketch:
    sketch = Sketch(224, 224)
    _residual(sketch, (2, 2, 2, 2), wide=False)
    return sketch.pool_all().dense(1000)


def _fcn_resnet18(width: str, height: str) -> Sketch:
    sketch = Sketch(int(height), int(width))
    _residual(sketch, (2, 2, 2, 2), wide=False)
    return sketch.conv(21, 1)


def _ssd_resnet34() -> Sketch:
    """MLPerf's, 1200 × 1200: the third stage keeps its size and the fourth is left out."""
    sketch = Sketch(1200, 1200).conv(64, 7, 2).pool()
    for channels, count, first in ((64, 3, 1), (128, 4, 2), (256, 6, 1)):
        for index in range(count):
            _basic(sketch, channels, 1 if index else first)
    for inner, outer, stride, boxes in _SSD_EXTRAS:
        height, width, channels = sketch.height, sketch.width, sketch.channels
        sketch.conv(boxes * 85, 3, 3 if height > 50 else 2)
        sketch.at(height, width, channels).conv(inner, 1).conv(outer, 3, stride)
    return sketch.conv(4 * 85, 3).move(15130 * 85 * 2)


_SSD_EXTRAS = [(256, 512, 2, 4), (256, 512, 2, 6), (128, 256, 2, 6), (128, 256, 2, 6)]
_SSD_EXTRAS += [(128, 256, 2, 4)]


def _ssd_mobilenet(alpha: float = 1.0, version: int = 1) -> Sketch:
    sketch = Sketch(300, 300)
    (_mobilenet_v1_body if version == 1 else _mobilenet_v2_body)(sketch, alpha)
    for inner, outer in ((256, 512), (128, 256), (128, 256), (64, 128)):
        height, width, channels = sketch.height, sketch.width, sketch.channels
        sketch.conv(6 * 95, 1).at(height, width, channels).conv(inner, 1).conv(outer, 3, 2)
    return sketch.move(1917 * 95 * 2)


def _fire(sketch: Sketch, squeezed: int, expanded: int) -> None:
    sketch.conv(squeezed, 1).conv(expanded, 1).to(squeezed).conv(expanded, 3).to(2 * expanded)


def _squeezenet() -> Sketch:
    sketch = Sketch(227, 227).conv(64, 3, 2).pool()
    for stage in (((16, 64),) * 2, ((32, 128),) * 2):
        for fire in stage:
            _fire(sketch, *fire)
        sketch.pool()
    for fire in ((48, 192), (48, 192), (64, 256), (64, 256)):
        _fire(sketch, *fire)
    return sketch.conv(1000, 1).pool_all()


_INCEPTION = [(64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), None]
_INCEPTION += [(192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64)]
_INCEPTION += [(128, 128, 256, 24, 64, 64), (112, 144, 288, 32, 64, 64)]
_INCEPTION += [(256, 160, 320, 32, 128, 128), None, (256, 160, 320, 32, 128, 128)]
_INCEPTION += [(384, 192, 384, 48, 128, 128)]


def _googlenet() -> Sketch:
    sketch = Sketch(224, 224).conv(64, 7, 2).pool().conv(64, 1).conv(192, 3).pool()
    for block in _INCEPTION:
        if block is None:
            sketch.pool()
            continue
        one, three_in, three, five_in, five, pooled = block
        before = sketch.channels
        sketch.conv(one, 1).to(before).conv(three_in, 1).conv(three, 3)
        sketch.to(before).conv(five_in, 1).conv(five, 5).to(before).pool(1).conv(pooled, 1)
        sketch.to(one + three + five + pooled)
    return sketch.pool_all().dense(1000)


def _alexnet() -> Sketch:
    sketch = Sketch(227, 227).conv(96, 11, 4, valid=True).pool().conv(256, 5, groups=2).pool()
    sketch.conv(384, 3).conv(384, 3, groups=2).conv(256, 3, groups=2).pool()
    return sketch.at(6, 6, 256).dense(4096).dense(4096).dense(1000)


def _vgg(size: int, repeats: tuple[int, ...]) -> Sketch:
    sketch = Sketch(size, size)
    for channels, count in zip((64, 128, 256, 512, 512), repeats, strict=True):
        for _ in range(count):
            sketch.conv(channels, 3)
        sketch.pool()
    return sketch.dense(4096).dense(4096).dense(1000)


def _shufflenet(channels: tuple[int, ...], groups: int) -> Sketch:
    """Version 1 has grouped 1×1 kernels; version 2 works on half of the channels."""
    sketch = Sketch(224, 224).conv(24, 3, 2).pool()
    for wide, count in zip(channels, (4, 8, 4), strict=True):
        for index in range(count):
            stride = 1 if index else 2
            inner = wide // 4 if groups > 1 else wide // 2
            if groups == 1:
                sketch.to(inner if index else sketch.channels)
            sketch.conv(inner, 1, 1, groups if sketch.channels > 24 else 1)
            sketch.depthwise(3, stride).conv(wide if groups > 1 else inner, 1, 1, groups)
            sketch.to(wide).move()
    if groups == 1:
        sketch.conv(1024, 1)
    return sketch.pool_all().dense(1000)


def _bert_large(tokens: int = 384) -> Sketch:
    sketch = Sketch(1, tokens, 1024)
    for _ in range(24):
        sketch.linear(tokens, 1024, 3072).product(tokens, 64, tokens, 16).move(tokens**2 * 32)
        sketch.product(tokens, tokens, 64, 16).linear(tokens, 1024, 1024).move()
        sketch.linear(tokens, 1024, 4096).linear(tokens, 4096, 1024).move()
    return sketch


_ARCHITECTURES: list[tuple[str, Callable[..., Sketch]]] = [
    (r"mobilenet|mobilenet_v1|MobileNet v1 224", _mobilenet_v1),
    (r"mobilenet-v1-([\d.]+)-(\d+)", _mobilenet_v1),
    (r"mobilenet-v2|mobilenet_v2|MobileNet v2 224", _mobilenet_v2),
    (r"mobilenet-v2-([\d.]+)-(\d+)", _mobilenet_v2),
    (r"mobilenet_v3", _mobilenet_v3),
    (r"mobilenet-v3-(large|small)(-minimalistic)?-(\d+)-([\d.]+)", _mobilenet_v3),
    (r"efficientnet-lite(\d)", _efficientnet_lite),
    (r"mnasnet", _searched(_MNASNET)),
    (r"proxylessnasnet", _searched(_PROXYLESS)),
    (r"resnet|resnet-50|resnet50", _resnet50),
    (r"ResNet-50 V1 (299)", _resnet50),
    (r"ResNet-152 V2 299", _resnet152),
    (r"resnet18", _resnet18),
    (r"fcn-resnet18-(\d+)x(\d+)", _fcn_resnet18),
    (r"ssd-large|ssd-resnet34|ssd-resnet34-1200", _ssd_resnet34),
    (r"ssd-small|ssd-mobilenet|mobilenet_ssd", _ssd_mobilenet),
    (r"ssd-mobilenet-v1-0.75-300", lambda: _ssd_mobilenet(0.75)),
    (r"ssd-mobilenet-v2-300", lambda: _ssd_mobilenet(1.0, 2)),
    (r"squeezenet|SqueezeNet 224", _squeezenet),
    (r"googlenet|inception_v1|Inception v1 224", _googlenet),
    (r"alexnet", _alexnet),
    (r"VGG16 224", lambda: _vgg(224, (2, 2, 3, 3, 3))),
    (r"VGG19 224", lambda: _vgg(224, (2, 2, 4, 4, 4))),
    (r"shufflenet", lambda: _shufflenet((240, 480, 960), 3)),
    (r"shufflenet_v2", lambda: _shufflenet((116, 232, 464), 1)),
    (r"bert-99", _bert_large),
]
