"""Makes inputs for Magika out of any files: the first and last bytes of each, as it reads them."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BEGIN, END = 1024, 1024
BLOCK = 4096
"""Magika strips blanks off this many bytes at both ends before it takes its share."""
PADDING = 256
LEAST_BYTES = 200
ALIKE = 12
"""Files of one suffix that take part at most, so that kinds of files are mixed."""


def inputs_from_files(folders: list[Path], count: int, target: Path) -> Path:
    """Write `count` .npy files, int32, (1, 2048) each, into the folder `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for number, content in zip(range(count), _contents(folders), strict=False):
        begin, end = list(content[:BLOCK].lstrip()[:BEGIN]), list(content[-BLOCK:].rstrip()[-END:])
        padding = [PADDING] * (BEGIN - len(begin)), [PADDING] * (END - len(end))
        row = [*begin, *padding[0], *padding[1], *end]
        np.save(target / f"{number:04d}.npy", np.asarray([row], dtype=np.int32))
    return target


def _contents(folders: list[Path]) -> Iterator[bytes]:
    files = [path for folder in folders for path in sorted(folder.rglob("*"))]
    random.Random(0).shuffle(files)
    seen: dict[str, int] = {}
    for path in files:
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size < LEAST_BYTES:
                continue
            if seen.get(path.suffix, 0) < ALIKE:
                content = path.read_bytes()
                seen[path.suffix] = seen.get(path.suffix, 0) + 1
                yield content
        except OSError:
            continue
