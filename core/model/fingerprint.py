"""What tells two models apart for certain: a digest of everything that a model consists of."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from core.model.onnx_file import sha256_of


def fingerprint(model: Path, companions: Sequence[Path] = ()) -> str:
    """SHA-256 in hexadecimal; reads every byte, so it is never part of opening a model.

    Of a model without companions it is the file's own, as `sha256sum` gives it. With companions
    it is that of lines “PLACE DIGEST”, one per file, the model first and then the others sorted.
    """
    if not companions:
        return sha256_of(model)
    files = (model, *sorted(companions))
    lines = [f"{file.relative_to(model.parent).as_posix()} {sha256_of(file)}" for file in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
