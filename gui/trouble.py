"""A failure as the window shows it: three sentences, and the label of a button that helps."""

from dataclasses import dataclass

from core.jobs.events import Failed


@dataclass(frozen=True)
class Trouble:
    """What happened, why, what to do. `action` labels the button that starts the remedy."""

    what: str
    why: str
    remedy: str
    action: str = ""
    log: tuple[str, ...] = ()


def trouble_of(failed: Failed, action: str = "") -> Trouble:
    return Trouble(failed.what, failed.why, failed.remedy, action, failed.log)
