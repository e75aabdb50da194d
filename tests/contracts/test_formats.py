"""Every model format keeps the promises of its base class."""

import re
from pathlib import Path

import pytest

from core.errors import InputError
from core.formats import formats
from core.formats.base import Format


@pytest.fixture(params=list(formats()), ids=lambda known: known.name)
def known(request: pytest.FixtureRequest) -> Format:
    return request.param


def test_that_formats_can_be_loaded() -> None:
    assert formats().failed == {}


def test_that_a_format_says_who_it_is(known: Format) -> None:
    assert re.fullmatch("[a-z][a-z0-9-]*", known.name)
    assert known.label
    assert known.suffixes
    assert all(suffix.startswith(".") for suffix in known.suffixes)


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\xff" * 5000, b"PK\x03\x04"])
def test_that_a_format_does_not_claim_other_files(
    known: Format, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / f"file{known.suffixes[0]}"
    path.write_bytes(content)
    assert not known.sniff(path)


def test_that_a_format_refuses_rubbish_plainly(known: Format, tmp_path: Path) -> None:
    path = tmp_path / f"file{known.suffixes[0]}"
    path.write_bytes(b"\xff" * 5000)
    for read in (known.read_graph, known.check_runnable):
        with pytest.raises(InputError) as caught:
            read(path)
        assert caught.value.remedy
