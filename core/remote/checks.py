"""What is looked at on a board before it is used, each finding with its remedy."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

CheckState = Literal["ok", "warn", "failed", "unknown"]


class Check(BaseModel):
    """One finding; `warn` may hurt measurements, `failed` forbids work."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    """For people: “Free memory”."""
    state: CheckState
    detail: str
    """What was found: “3.1 GB of 4.0 GB”."""
    remedy: str = ""
    """What to do; empty when all is well."""
