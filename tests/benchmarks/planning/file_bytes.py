"""Makes labelled inputs for Magika out of any files: the bytes at both ends, as it reads them."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BEGIN, END = 1024, 1024
BLOCK = 4096
"""Magika strips blanks off this many bytes at both ends before it takes its share."""
PADDING = 256
LEAST_BYTES = 200
ALIKE = 40
"""Files of one suffix that take part at most, so that kinds of files are mixed."""


def inputs_from_files(model: Path, folders: list[Path], count: int, target: Path) -> Path:
    """Write `count` .npz files into the folder `target`: bytes, int32, (1, 2048), and the label.

    What is right is told by a file's suffix; files whose suffix stands for no kind, or for several,
    take no part. The kinds and their suffixes lie beside the model in the package.
    """
    labels = _labels_by_suffix(model)
    target.mkdir(parents=True, exist_ok=True)
    contents = _contents(folders, labels)
    for number, (content, label) in zip(range(count), contents, strict=False):
        begin, end = list(content[:BLOCK].lstrip()[:BEGIN]), list(content[-BLOCK:].rstrip()[-END:])
        padding = [PADDING] * (BEGIN - len(begin)), [PADDING] * (END - len(end))
        row = np.asarray([[*begin, *padding[0], *padding[1], *end]], dtype=np.int32)
        np.savez(target / f"{number:04d}.npz", bytes=row, label=np.int64(label))
    return target


def _labels_by_suffix(model: Path) -> dict[str, int]:
    space = json.loads((model.parent / "config.min.json").read_text())["target_labels_space"]
    kinds = json.loads((model.parents[2] / "config" / "content_types_kb.min.json").read_text())
    meant: dict[str, list[int]] = {}
    for index, kind in enumerate(space):
        for suffix in kinds[kind]["extensions"]:
            meant.setdefault(f".{suffix}", []).append(index)
    return {suffix: indices[0] for suffix, indices in meant.items() if len(indices) == 1}


def _contents(folders: list[Path], labels: dict[str, int]) -> Iterator[tuple[bytes, int]]:
    files = [path for folder in folders for path in sorted(folder.rglob("*"))]
    random.Random(0).shuffle(files)
    seen: dict[str, int] = {}
    for path in files:
        try:
            known = path.suffix in labels and not path.is_symlink() and path.is_file()
            if not known or path.stat().st_size < LEAST_BYTES:
                continue
            if seen.get(path.suffix, 0) < ALIKE:
                seen[path.suffix] = seen.get(path.suffix, 0) + 1
                yield path.read_bytes(), labels[path.suffix]
        except OSError:
            continue
