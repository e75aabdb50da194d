"""Object detection: outputs of detectors as boxes."""

from core.data.detection.boxes import Boxes
from core.data.detection.reading import BoxReader, boxes_of, reader_for

__all__ = ["BoxReader", "Boxes", "boxes_of", "reader_for"]
