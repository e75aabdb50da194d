"""Writes a published architecture down as kernels, one call per layer."""

from collections.abc import Sequence

from core.search.forecast.workload import LayerWork, WorkKind, Workload


class Sketch:
    """Follows one value of height × width × channels through an architecture.

    Activations and normalizations run in the kernel before them, as every runtime fuses them.
    """

    def __init__(self, height: int, width: int, channels: int = 3) -> None:
        self.height, self.width, self.channels = height, width, channels
        self._kernels: list[LayerWork] = []

    @property
    def values(self) -> int:
        return self.height * self.width * self.channels

    def conv(
        self,
        channels: int,
        kernel: int | tuple[int, int] = 3,
        stride: int = 1,
        groups: int = 1,
        *,
        added: bool = False,
        valid: bool = False,
    ) -> "Sketch":
        """A convolution; `added` reads a shortcut of the same size and adds it."""
        down, across = (kernel, kernel) if isinstance(kernel, int) else kernel
        before, inputs = self.values, self.channels
        self.height = (self.height - (down if valid else 1)) // stride + 1
        self.width = (self.width - (across if valid else 1)) // stride + 1
        self.channels = channels
        weights = channels * inputs // groups * down * across
        kind: WorkKind = "depthwise" if groups > 1 and groups == inputs else "dense"
        operations = 2 * weights * self.height * self.width
        moved = before + self.values * (2 if added else 1)
        self._add(kind, operations, weights + channels, moved)
        return self

    def depthwise(self, kernel: int = 3, stride: int = 1) -> "Sketch":
        return self.conv(self.channels, kernel, stride, self.channels)

    def pool(self, stride: int = 2, kernel: int = 3) -> "Sketch":
        before = self.values
        self.height, self.width = -(-self.height // stride), -(-self.width // stride)
        self._add("movement", self.values * kernel * kernel, 0, before + self.values)
        return self

    def pool_all(self) -> "Sketch":
        before = self.values
        self.height = self.width = 1
        self._add("movement", before, 0, before + self.values)
        return self

    def dense(self, outputs: int) -> "Sketch":
        """A fully connected layer on all values."""
        before = self.values
        self.height = self.width = 1
        self.channels = outputs
        self._add("matrix", 2 * before * outputs, before * outputs + outputs, before + outputs)
        return self

    def product(self, rows: int, inner: int, columns: int, times: int = 1) -> "Sketch":
        """Matrix products of two computed values; where one flows on does not change."""
        moved = times * (rows * inner + inner * columns + rows * columns)
        self._add("matrix", 2 * times * rows * inner * columns, 0, moved)
        return self

    def linear(self, tokens: int, inputs: int, outputs: int) -> "Sketch":
        """The same dense layer on every token."""
        weights = inputs * outputs + outputs
        self._add("matrix", 2 * tokens * inputs * outputs, weights, tokens * (inputs + outputs))
        return self

    def move(self, values: int | None = None) -> "Sketch":
        """Copying, adding or multiplying alone; by default reads and writes what flows."""
        moved = 2 * self.values if values is None else values
        self._add("movement", moved / 2, 0, moved)
        return self

    def squeeze_excite(self, squeezed: int) -> "Sketch":
        height, width, channels = self.height, self.width, self.channels
        self.pool_all().conv(squeezed, 1).conv(channels, 1)
        self.height, self.width = height, width
        return self.move()

    def to(self, channels: int | None = None, scale: float = 1.0) -> "Sketch":
        """Go on with another value: other channels, or larger by upsampling; costs nothing."""
        self.channels = channels or self.channels
        self.height, self.width = round(self.height * scale), round(self.width * scale)
        return self

    def at(self, height: int, width: int, channels: int) -> "Sketch":
        """Go on with an earlier value."""
        self.height, self.width, self.channels = height, width, channels
        return self

    def workload(self, name: str) -> Workload:
        return workload(name, self._kernels)

    def _add(self, kind: WorkKind, operations: float, weights: float, values: float) -> None:
        self._kernels.append(LayerWork(kind, operations, weights, values))


def workload(name: str, kernels: Sequence[LayerWork]) -> Workload:
    return Workload(name, tuple(kernels), sum(kernel.weights for kernel in kernels))
