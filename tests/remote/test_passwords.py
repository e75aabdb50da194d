"""Passwords: in memory or in the system's keyring, and nowhere else."""

import logging
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from core.errors import UserError
from core.remote.passwords import (
    forget_password,
    keyring_problem,
    store_password,
    stored_password,
)


class MemoryKeyring(KeyringBackend):
    """A keyring as a desktop has one."""

    priority = 1  # type: ignore[assignment]  # a class property in the library

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before, own = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


def test_that_a_password_is_kept_in_the_keyring_under_the_boards_id(
    memory: MemoryKeyring, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert keyring_problem() == ""
    store_password("0123456789ab", "open sesame")
    assert stored_password("0123456789ab") == "open sesame"
    assert memory.kept == {("edgewright", "0123456789ab"): "open sesame"}

    forget_password("0123456789ab")
    forget_password("0123456789ab")
    assert stored_password("0123456789ab") is None
    assert "open sesame" not in caplog.text
    texts = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(b"open sesame" in text for text in texts)


def test_that_without_a_keyring_a_password_is_not_kept_and_why_is_said(no_keyring: None) -> None:
    assert "no keyring" in keyring_problem()
    assert stored_password("0123456789ab") is None
    with pytest.raises(UserError, match="no keyring"):
        store_password("0123456789ab", "open sesame")
    forget_password("0123456789ab")
