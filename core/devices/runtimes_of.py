"""Which runtimes compute on a GPU or NPU of this computer."""

from core.runtimes import runtimes


def runtimes_on(kind: str, number: int) -> tuple[dict[str, str], dict[str, str]]:
    """Those of one device of a kind: name to version, and name to the reason why it cannot."""
    states = {
        one.name: one.availability()
        for one in runtimes()
        if (one.device_kind, one.device_number) == (kind, number)
    }
    usable = {name: state.version for name, state in states.items() if state.ok}
    return usable, {name: state.reason for name, state in states.items() if not state.ok}
