"""The published detectors of the YOLO family as kernels."""

import re

from core.search.forecast.workload import Workload
from tests.benchmarks.forecasting.sketch import Sketch

_V8 = {"n": (0.33, 0.25, 1024), "s": (0.33, 0.5, 1024), "m": (0.67, 0.75, 768), "l": (1, 1, 512)}
_V11 = {"n": (0.5, 0.25, 1024), "s": (0.5, 0.5, 1024), "m": (0.5, 1, 512), "l": (1, 1, 512)}
_V11 |= {"x": (1, 1.5, 512)}
_CLASSES = 80


def yolo(model: str) -> Workload | None:
    """None where the name is none of these."""
    if found := re.fullmatch(r"YOLO(v8|11|26)([nsmlx])", model):
        return _ultralytics(*found.groups()).workload(model)
    if found := re.fullmatch(r"yolov([34])(-spp|-tiny|-csp|x-mish)?(?:-(\d+))?", model):
        version, kind, size = found.groups()
        return _darknet(version, kind or "", int(size or 416)).workload(model)
    return None


def _ultralytics(version: str, variant: str) -> Sketch:
    depth, width, limit = (_V8 if version == "v8" else _V11)[variant]
    net = _Ultralytics(version, depth, width, limit, variant in "mlx")
    net.backbone()
    net.neck()
    return net.sketch


class _Ultralytics:
    """Backbone, path aggregation and three heads, as in the repository's model files."""

    def __init__(self, version: str, depth: float, width: float, limit: int, large: bool) -> None:
        self.old, self.version, self.large = version == "v8", version, large
        self.depth, self.width, self.limit = depth, width, limit
        self.sketch = Sketch(640, 640)

    def _wide(self, channels: int) -> int:
        return int(-(-min(channels, self.limit) * self.width // 8) * 8)

    def _deep(self, count: int) -> int:
        return max(round(count * self.depth), 1)

    def backbone(self) -> None:
        sketch, wide = self.sketch, self._wide
        sketch.conv(wide(64), 3, 2).conv(wide(128), 3, 2)
        self._block(128 if self.old else 256, 3 if self.old else 2, False, 0.25)
        sketch.conv(wide(256), 3, 2)
        self._block(256 if self.old else 512, 6 if self.old else 2, False, 0.25)
        sketch.conv(wide(512), 3, 2)
        self._block(512, 6 if self.old else 2, True)
        sketch.conv(wide(1024), 3, 2)
        self._block(1024, 3 if self.old else 2, True)
        half = wide(1024) // 2
        sketch.conv(half, 1).pool(1, 5).pool(1, 5).pool(1, 5).to(4 * half).conv(wide(1024), 1)
        if not self.old:
            self._attention(self._deep(2))

    def neck(self) -> None:
        sketch, wide = self.sketch, self._wide
        low = wide(256 if self.old else 512)
        repeats, deep = (3, False) if self.old else (2, False)
        sketch.to(wide(1024) + wide(512), 2).move()
        self._block(512, repeats, deep)
        sketch.to(wide(512) + low, 2).move()
        self._block(256, repeats, deep)
        self._head(wide(256))
        sketch.conv(wide(256), 3, 2).to(wide(256) + wide(512)).move()
        self._block(512, repeats, deep)
        self._head(wide(512))
        sketch.conv(wide(512), 3, 2).to(wide(512) + wide(1024)).move()
        self._block(1024, repeats, not self.old)
        self._head(wide(1024))
        sketch.move(8400 * (_CLASSES + 64) * 2)

    def _block(self, channels: int, count: int, nested: bool, ratio: float = 0.5) -> None:
        """C2f of version 8, C3k2 of the later ones."""
        sketch, out = self.sketch, self._wide(channels)
        inner = int(out * (0.5 if self.old else ratio))
        sketch.conv(2 * inner, 1)
        for _ in range(self._deep(count)):
            sketch.to(inner)
            if self.old:
                sketch.conv(inner, 3).conv(inner, 3, added=True)
            elif nested or self.large:
                self._nested(inner)
            else:
                sketch.conv(inner // 2, 3).conv(inner, 3, added=True)
        sketch.to((2 + self._deep(count)) * inner).conv(out, 1)

    def _nested(self, channels: int) -> None:
        sketch, half = self.sketch, channels // 2
        sketch.conv(half, 1).to(channels).conv(half, 1)
        for _ in range(2):
            sketch.conv(half, 3).conv(half, 3, added=True)
        sketch.to(2 * half).conv(channels, 1)

    def _attention(self, count: int) -> None:
        sketch = self.sketch
        channels, tokens = sketch.channels, sketch.height * sketch.width
        half, heads = channels // 2, max(channels // 128, 1)
        sketch.conv(channels, 1)
        for _ in range(count):
            sketch.to(half).conv(2 * half, 1).product(tokens, 32, tokens, heads)
            sketch.move(2 * heads * tokens**2).product(tokens, tokens, 64, heads)
            sketch.to(half).depthwise().conv(half, 1, added=True)
            sketch.conv(2 * half, 1).conv(half, 1, added=True)
        sketch.to(channels).conv(channels, 1)

    def _head(self, channels: int) -> None:
        sketch, first = self.sketch, self._wide(256)
        height, width = sketch.height, sketch.width
        sides = 4 if self.version == "26" else 64
        box, scores = max(16, first // 4, sides), max(first, _CLASSES)
        sketch.conv(box, 3).conv(box, 3).conv(sides, 1).at(height, width, channels)
        if self.old:
            sketch.conv(scores, 3).conv(scores, 3)
        else:
            sketch.depthwise().conv(scores, 1).depthwise().conv(scores, 1)
        sketch.conv(_CLASSES, 1).at(height, width, channels)


def _darknet(version: str, kind: str, size: int) -> Sketch:
    sketch = Sketch(size, size)
    if kind == "-tiny":
        return _tiny3(sketch) if version == "3" else _tiny4(sketch)
    if version == "3":
        return _yolov3(sketch, spatial=kind == "-spp")
    return _yolov4(sketch, 1.25 if kind == "x-mish" else 1.0, bool(kind))


def _yolov3(sketch: Sketch, spatial: bool) -> Sketch:
    sketch.conv(32, 3)
    for channels, count in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        sketch.conv(channels, 3, 2)
        for _ in range(count):
            sketch.conv(channels // 2, 1).conv(channels, 3, added=True)
    if spatial:
        sketch.conv(512, 1).pool(1, 5).pool(1, 9).pool(1, 13).to(2048)
    for inner, joined in ((512, 512), (256, 256), (128, 0)):
        for _ in range(2):
            sketch.conv(inner, 1).conv(2 * inner, 3)
        sketch.conv(inner, 1).conv(2 * inner, 3).conv(255, 1).to(inner)
        if joined:
            sketch.conv(joined // 2, 1).to(joined // 2 + joined, 2).move()
    return sketch


def _yolov4(sketch: Sketch, width: float, partial: bool) -> Sketch:
    """CSPDarknet-53 with path aggregation; CSP and x have partial blocks throughout."""
    deep = 1.25 if width > 1 else 1.0

    def wide(channels: int) -> int:
        return int(channels * width)

    sketch.conv(wide(32), 3)
    for channels, count in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        sketch.conv(wide(channels), 3, 2).conv(wide(channels // 2), 1).to(wide(channels))
        sketch.conv(wide(channels // 2), 1)
        for _ in range(int(count * deep)):
            sketch.conv(wide(channels // 2), 1).conv(wide(channels // 2), 3, added=True)
        sketch.conv(wide(channels // 2), 1).to(wide(channels)).conv(wide(channels), 1)
    sketch.conv(wide(512), 1).pool(1, 5).pool(1, 9).pool(1, 13).to(wide(2048)).conv(wide(512), 1)
    for inner, scale in ((256, 2), (128, 2), (256, 0.5), (512, 0.5)):
        sketch.conv(wide(inner), 3 if scale < 1 else 1, 1).to(wide(2 * inner), scale)
        for _ in range(2):
            sketch.conv(wide(inner), 1).conv(wide(inner if partial else 2 * inner), 3)
        sketch.conv(wide(inner), 1)
        height, across, channels = sketch.height, sketch.width, sketch.channels
        if scale != 2 or inner == 128:
            sketch.conv(wide(2 * inner), 3).conv(255, 1).at(height, across, channels)
    return sketch


def _tiny3(sketch: Sketch) -> Sketch:
    for channels in (16, 32, 64, 128, 256):
        sketch.conv(channels, 3).pool()
    sketch.conv(512, 3).pool(1).conv(1024, 3).conv(256, 1).conv(512, 3).conv(255, 1)
    sketch.to(256).conv(128, 1).to(384, 2).conv(256, 3)
    return sketch.conv(255, 1)


def _tiny4(sketch: Sketch) -> Sketch:
    sketch.conv(32, 3, 2).conv(64, 3, 2)
    for channels in (64, 128, 256):
        sketch.conv(channels, 3).to(channels // 2).conv(channels // 2, 3)
        sketch.conv(channels // 2, 3).to(channels).conv(channels, 1).to(2 * channels).pool()
    sketch.conv(512, 3).conv(256, 1).conv(512, 3).conv(255, 1)
    sketch.to(256).conv(128, 1).to(384, 2).conv(256, 3)
    return sketch.conv(255, 1)
