"""Passwords of boards, in the system's keyring where there is one, and written nowhere else."""

from core.errors import UserError

_SERVICE = "edgewright"


def keyring_problem() -> str:
    """Why passwords cannot be kept here, as a sentence; empty when they can."""
    import keyring
    from keyring.backends import fail, null

    if isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring):
        return "This system has no keyring that could keep the password."
    return ""


def stored_password(board_id: str) -> str | None:
    """None where there is none, or the keyring is locked or missing."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_SERVICE, board_id)
    except KeyringError:
        return None


def store_password(board_id: str, password: str) -> None:
    """Raises UserError when the system has no keyring, or it stays locked."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_SERVICE, board_id, password)
    except KeyringError as error:
        raise UserError(
            "The password is not stored.",
            keyring_problem() or f"The system’s keyring says: {str(error)[:200]}.",
            "Our key logs in without it; give the password again when it is needed.",
        ) from error


def forget_password(board_id: str) -> None:
    """It may never have been stored."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(_SERVICE, board_id)
    except KeyringError:
        return
