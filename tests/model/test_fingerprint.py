"""What tells two models apart for certain."""

import hashlib
from pathlib import Path

from core.model.fingerprint import fingerprint


def test_that_one_file_has_the_digest_that_sha256sum_gives(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"abc" * 1_000)
    assert fingerprint(model) == hashlib.sha256(b"abc" * 1_000).hexdigest()


def test_that_every_byte_of_external_data_counts(tmp_path: Path) -> None:
    model, data = tmp_path / "model.onnx", tmp_path / "weights.bin"
    model.write_bytes(b"model")
    data.write_bytes(b"\0" * 100)
    before = fingerprint(model, (data,))
    data.write_bytes(b"\0" * 99 + b"\1")
    assert fingerprint(model, (data,)) != before
    assert fingerprint(model) != before


def test_that_the_order_of_companions_and_the_folder_do_not_count(tmp_path: Path) -> None:
    found: list[str] = []
    for place in ("here", "there"):
        folder = tmp_path / place
        folder.mkdir()
        files = [folder / name for name in ("model.onnx", "a.bin", "b.bin")]
        for file in files:
            file.write_text(file.name)
        found.append(fingerprint(files[0], files[1:] if place == "here" else files[:0:-1]))
    assert found[0] == found[1]
