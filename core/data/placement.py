"""Where an image comes to lie in the tensor: the geometry of a preprocessing contract."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.data.contract import PreprocessingContract

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Placement:
    """An image is resized to `resized` and put at (`left`, `top`) of a frame; both in pixels.

    What sticks out is cut off, what is left free is filled.
    """

    image: tuple[int, int]
    """Width and height of the image as it is in its file."""
    resized: tuple[int, int]
    left: int
    top: int
    frame: tuple[int, int]
    """Width and height of the tensor."""

    def to_frame(self, boxes: "np.ndarray") -> "np.ndarray":
        """Boxes (n, 4) as x0 y0 x1 y1 in pixels of the image, to pixels of the tensor, float32."""
        import numpy as np

        scale, offset = self._scale(), self._offset()
        return (boxes.astype(np.float64) * scale + offset).astype(np.float32)

    def to_image(self, boxes: "np.ndarray") -> "np.ndarray":
        """The way back: from pixels of the tensor to pixels of the image, float32, (n, 4)."""
        import numpy as np

        scale, offset = self._scale(), self._offset()
        return ((boxes.astype(np.float64) - offset) / scale).astype(np.float32)

    def _scale(self) -> "np.ndarray":
        import numpy as np

        across, down = (new / old for new, old in zip(self.resized, self.image, strict=True))
        return np.array([across, down, across, down])

    def _offset(self) -> "np.ndarray":
        import numpy as np

        return np.array([self.left, self.top, self.left, self.top], dtype=np.float64)


def placement_of(width: int, height: int, contract: PreprocessingContract) -> Placement:
    """Where an image of that size goes. Rounds as Pillow and torchvision do."""
    image, frame = (width, height), (contract.width, contract.height)
    match contract.resize:
        case "none":
            return Placement(image, image, 0, 0, frame)
        case "stretch":
            return Placement(image, frame, 0, 0, frame)
        case "letterbox" | "corner":
            resized = _contained(width, height, frame)
            free = (frame[0] - resized[0], frame[1] - resized[1])
            left, top = (0, 0) if contract.resize == "corner" else (round(f / 2) for f in free)
            return Placement(image, resized, left, top, frame)
        case "short-side":
            resized = _covering(width, height, contract)
            left, top = (round((a - b) / 2) for a, b in zip(resized, frame, strict=True))
            return Placement(image, resized, -left, -top, frame)


def _contained(width: int, height: int, frame: tuple[int, int]) -> tuple[int, int]:
    """The largest size with the image's aspect ratio inside the frame, as PIL.ImageOps.contain."""
    ratio, wanted = width / height, frame[0] / frame[1]
    if ratio > wanted:
        return frame[0], max(1, round(height / width * frame[0]))
    if ratio < wanted:
        return max(1, round(width / height * frame[1])), frame[1]
    return frame


def _covering(width: int, height: int, contract: PreprocessingContract) -> tuple[int, int]:
    """The short side at its length, and never smaller than the crop; rounds as torchvision does."""
    short = contract.resize_to or 1
    needed = max(contract.width / width, contract.height / height)
    factor = max(short / min(width, height), needed)
    return (
        max(int(width * factor + 1e-6), contract.width),
        max(int(height * factor + 1e-6), contract.height),
    )
