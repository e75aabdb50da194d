"""Doctors: each looks for one kind of trouble with a model, names its cause, and offers a cure."""

from functools import cache

import core.doctors
from core.discovery import Catalogue, discover
from core.doctors.base import Doctor


@cache
def doctors() -> Catalogue[Doctor]:
    """Every doctor by name, in the order in which they should be asked."""
    found = discover(core.doctors, Doctor, "doctor")
    ordered = sorted(found, key=lambda doctor: doctor.order)
    return Catalogue(found.kind, {doctor.name: doctor for doctor in ordered}, found.failed)
