"""Which runtimes compute on which GPU or NPU of this computer."""

from core.devices import devices
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


def accelerator_of(runtime: str) -> str:
    """The GPU or NPU that a runtime computes on: “Intel(R) AI Boost, driver 1004778”.

    Empty for those that compute on the CPU, and for names that are not known.
    """
    one = runtimes().found.get(runtime)
    if one is None or one.device_kind == "local":
        return ""
    wanted = device_id(one.device_kind, one.device_number)
    for facts in devices()[one.device_kind].scan():
        if facts.id == wanted:
            return facts.name + (f", driver {facts.driver}" if facts.driver else "")
    return ""


def device_id(kind: str, number: int) -> str:
    """“intel-gpu” for the first of a kind, “intel-gpu-1” for the second."""
    return f"{kind}-{number}" if number else kind
