"""Refits the constants to probe models measured on the device itself, and keeps them."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from core.devices.profile import DeviceProfile
from core.errors import InputError
from core.jobs.folders import storage_errors, write_atomically
from core.search.forecast.bands import reach_of
from core.search.forecast.constants import Band, EngineConstants, Figure, engine_for
from core.search.forecast.fitting import fit
from core.search.forecast.harnesses import OWN
from core.search.forecast.levels import Ask, levels
from core.search.forecast.machine import machine_of
from core.search.forecast.roofline import SHARES, Cases, Demand, Floats, demand
from core.search.forecast.workload import Workload

FEWEST = 4
"""Probes below which nothing is refitted."""
_DEVICE_SPREAD = 0.7
"""How far one device may lie from the constants of its kind, as a spread of logarithms."""
_KEPT = 0.01
"""Spread of factors that tell devices apart: one device's own shares take up what they would."""
_PRECISION, _FULL = "precision", "precision:f32"
_PRECISION_SPREAD = 0.5
"""How differently a device may take to a precision; measured against FP32."""
_PROBE_WEIGHT = 1.0
_UNSEEN = 1.3
"""Real models differ from each other more than probes do: bands are so much wider."""


class ProbeResult(BaseModel):
    """A probe model and how long it took."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    workload: Workload
    runtime: str
    precision: str
    milliseconds: float


class Calibration(BaseModel):
    """Constants of one device with one runtime."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    """Id of the device that was measured, such as “local”."""
    profile: str
    runtime: str
    harness: str = OWN
    figures: dict[str, Figure]
    band: Band
    probes: int
    taken_at: str = ""
    """ISO 8601 with the UTC offset."""


def calibrate(
    measured: Sequence[ProbeResult],
    profile: DeviceProfile,
    *,
    device: str = "local",
    taken_at: str = "",
) -> Calibration:
    """All results are of one runtime. Raises InputError for fewer than FEWEST, or as forecast."""
    runtimes = {one.runtime for one in measured}
    if len(measured) < FEWEST or len(runtimes) != 1:
        raise InputError(
            "The forecast cannot be calibrated.",
            f"{len(measured)} probe models were measured; {FEWEST} on one runtime are needed.",
            "Calibrate again while the computer has nothing else to do.",
        )
    (runtime,) = runtimes
    constants = engine_for(profile, runtime)
    probes = _Probes(constants, measured, profile)
    return Calibration(
        device=device,
        profile=profile.id,
        runtime=runtime,
        figures=probes.fitted(range(len(measured))),
        band=probes.band(),
        probes=len(measured),
        taken_at=taken_at,
    )


class _Probes:
    """The probes as demands, and the beliefs before they were measured."""

    def __init__(
        self, constants: EngineConstants, measured: Sequence[ProbeResult], profile: DeviceProfile
    ) -> None:
        self._constants, self._profile = constants, profile
        self._times = [one.milliseconds for one in measured]
        self._overhead = constants.overhead(OWN)
        self._demands = [self._demand(one) for one in measured]
        factors = sorted({name for one in self._demands for name in one.factors})
        self._beliefs = _beliefs(constants, self._overhead, factors)

    def fitted(self, chosen: Sequence[int]) -> dict[str, Figure]:
        return fit(
            [self._demands[place] for place in chosen],
            [self._times[place] for place in chosen],
            [_PROBE_WEIGHT] * len(chosen),
            self._beliefs,
        )

    def band(self) -> Band:
        """From each probe, forecast by the others."""
        count = len(self._times)
        alone = [
            self._error(place, self.fitted([one for one in range(count) if one != place]))
            for place in range(count)
        ]
        errors = np.array([error for error, _ in alone])
        unsure = np.array([spread for _, spread in alone])
        reach = reach_of(errors, unsure, np.array([str(one) for one in range(count)]))
        return Band(
            base=reach.base,
            stretch=_UNSEEN * reach.stretch,
            rows=count,
            devices=1,
            median_error=float(np.median(np.abs(np.expm1(errors)))),
            within_twice=float((np.abs(errors) < math.log(2)).mean()),
        )

    def _error(self, place: int, figures: dict[str, Figure]) -> tuple[float, float]:
        """ln(forecast / measured) of one probe, and the spread that the constants leave."""
        cases = Cases([self._demands[place]], list(figures))
        terms = cases.terms(np.log([one.value for one in figures.values()]))
        spreads: Floats = np.array([one.spread for one in figures.values()])
        unsure = float(np.linalg.norm(cases.sensitivities(terms)[0] * spreads))
        return math.log(float(terms.total[0]) / self._times[place]), unsure

    def _demand(self, one: ProbeResult) -> Demand:
        constants = self._constants
        ask = Ask(self._profile, one.runtime, one.precision, OWN)
        precision = constants.computes.get(one.precision, one.precision)
        return demand(
            one.workload,
            machine_of(self._profile, constants.engine, precision),
            reuse=constants.reuse,
            overhead=self._overhead,
            factors=calibrated_levels(constants.factors, ask),
        )


def _beliefs(
    constants: EngineConstants, overhead: str, factors: Sequence[str]
) -> dict[str, Figure]:
    """What is believed of one device before it is measured; the shares come first."""
    own = [name for name in factors if not name.startswith(_PRECISION)]
    known = constants.with_unseen(overhead, tuple(own))
    found = {
        name: Figure(value=known[name].value, spread=math.hypot(known[name].spread, _DEVICE_SPREAD))
        for name in (*SHARES, overhead)
    }
    found |= {name: Figure(value=known[name].value, spread=_KEPT) for name in own}
    for name in factors:
        spread = _KEPT if name == _FULL else _PRECISION_SPREAD
        found.setdefault(name, Figure(value=1.0, spread=spread))
    return found


def calibrated_levels(factors: tuple[str, ...], ask: Ask) -> tuple[str, ...]:
    """The levels that apply on a device that was measured: its precisions are told apart."""
    return levels((*factors, _PRECISION), ask)


def calibrations_folder() -> Path:
    """Where calibrations lie; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_config_dir("edgewright", appauthor=False)) / "calibrations"


def save_calibration(calibration: Calibration, folder: Path | None = None) -> Path:
    """Replaces the one of the same device and runtime. Raises UserError."""
    folder = folder or calibrations_folder()
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    file = _file(calibration.device, calibration.runtime, folder)
    write_atomically(file, calibration.model_dump_json(indent=2).encode())
    return file


def find_calibration(
    device: str, runtime: str, profile: str, folder: Path | None = None
) -> Calibration | None:
    """None where there is none, where it cannot be read, or where it is of another profile."""
    try:
        text = _file(device, runtime, folder or calibrations_folder()).read_text(encoding="utf-8")
        found = Calibration.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    same = (found.device, found.runtime, found.profile) == (device, runtime, profile)
    return found if same else None


def _file(device: str, runtime: str, folder: Path) -> Path:
    """A file name of harmless characters; what lies in it tells the ids exactly."""
    words = "".join(one if one.isalnum() or one in "-." else "_" for one in f"{device}-{runtime}")
    return folder / f"{words.strip('.')[:100]}.json"
