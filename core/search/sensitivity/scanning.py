"""Scans a model: every layer treated alone in every setting, on as many inputs as it takes.

All layers are first seen on the same few inputs. More are added where they help most to tell
layers apart, until the order of layers can be expected to stay the same on other inputs.
"""

import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from core.model.graph import LayerId
from core.model.onnx_file import sha256_of
from core.search.sensitivity.attention import LEAST, Asked, certainty, next_pieces
from core.search.sensitivity.figures import figures_of
from core.search.sensitivity.kit import build_kit
from core.search.sensitivity.looking import KitPlace, Looked, Piece, forget
from core.search.sensitivity.numbers import Numbers, joined
from core.search.sensitivity.part_session import Lot
from core.search.sensitivity.report import LayerSensitivity, SensitivityReport, SkippedLayer
from core.search.sensitivity.store import NumberStore, key_of_inputs, key_of_keys
from core.search.sensitivity.teamwork import do_pieces
from core.search.sensitivity.trials import Trial, cost_of, trials_of
from core.search.sensitivity.work import ScanWork

INPUTS = 4
"""Inputs of one piece of work; every piece can be done by another worker."""

Progress = Callable[[float, float, str], None]
Found = Callable[[LayerSensitivity], None]


def scan(
    work: ScanWork,
    *,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    found: Found = lambda figures: None,
) -> SensitivityReport:
    """Find out what each layer costs in accuracy in each setting.

    `found` gets the figures of a layer as soon as there are any, and in the end again where they
    rest on more inputs by then. Raises UserError, and JobCancelled through the callbacks; with a
    cache everything that was found until then is kept.
    """
    with ExitStack() as stack:
        stack.callback(forget)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="edgewright-scan-"))
        return _Scan(work, Path(folder), progress, check_cancelled, found).run()


class _Scan:
    def __init__(
        self,
        work: ScanWork,
        folder: Path,
        progress: Progress,
        check_cancelled: Callable[[], None],
        found: Found,
    ) -> None:
        self._work = work
        self._folder = folder
        self._progress = progress
        self._check_cancelled = check_cancelled
        self._found = found
        self._began = time.process_time()
        self._until = time.monotonic() + work.seconds
        self._elsewhere = 0.0
        """Processor seconds of workers."""
        self._place: KitPlace | None = None
        self._indices: dict[Trial, int] = {}
        """Of the kit's treated copies."""
        self._made: dict[Trial, LayerSensitivity] = {}
        trials, self._skipped = trials_of(work)
        self._keys = [self._key(piece) for piece in range(-(-work.count // INPUTS))]
        self._sha256 = work.graph.sha256 or sha256_of(work.model)
        self._store = NumberStore(work.cache and work.cache / self._sha256[:32])
        self._known = self._remembered(trials)

    def run(self) -> SensitivityReport:
        costs = cost_of(self._work.graph)
        busy = False
        for setting in self._work.settings:
            self._report(self._of(setting))
        while not self._is_out_of_time() and (asked := self._asked(costs)):
            self._do(asked)
            if not busy:
                self._report(self._known)
            busy = True
        self._report(self._known)
        return SensitivityReport(
            model_sha256=self._sha256,
            data_sha256=key_of_keys(self._keys),
            settings=dict(self._work.settings),
            entries=tuple(self._figures(trial) for trial in self._known),
            skipped=tuple(self._skipped),
            images=self._work.count,
            stability={name: certainty(self._of(name)) for name in self._work.settings},
            cpu_seconds=time.process_time() - self._began + self._elsewhere if busy else 0.0,
        )

    def _of(self, setting: str) -> dict[Trial, list[Numbers]]:
        return {trial: done for trial, done in self._known.items() if trial.setting == setting}

    def _figures(self, trial: Trial) -> LayerSensitivity:
        numbers = joined(self._known[trial])
        made = self._made.get(trial)
        if made is None or made.images < len(numbers):
            made = self._made[trial] = figures_of(trial.layer, trial.setting, numbers)
        return made

    def _report(self, trials: Iterable[Trial]) -> None:
        """Tell the figures that rest on more inputs than when they were told last."""
        for trial in trials:
            told = self._made.get(trial)
            if self._known[trial] and (told is None or told != self._figures(trial)):
                self._found(self._figures(trial))

    # What is known already

    def _remembered(self, trials: Iterable[Trial]) -> dict[Trial, list[Numbers]]:
        """The pieces that earlier scans have done, by trial; only those without a gap."""
        stored = [self._store.load(key) for key in self._keys]
        known: dict[Trial, list[Numbers]] = {}
        for trial in trials:
            if (reason := self._store.refused(trial.key)) is not None:
                self._skip(trial, reason)
                continue
            known[trial] = []
            for piece in stored:
                if trial.key not in piece:
                    break
                known[trial].append(piece[trial.key])
        return known

    def _skip(self, trial: Trial, reason: str) -> None:
        skipped = SkippedLayer(layer=trial.layer, setting=trial.setting, reason=reason)
        self._skipped.append(skipped)

    def _span(self, piece: int) -> range:
        return range(piece * INPUTS, min((piece + 1) * INPUTS, self._work.count))

    def _inputs(self, piece: int) -> list[Lot]:
        return [self._work.feeds(index) for index in self._span(piece)]

    def _key(self, piece: int) -> str:
        labels = self._work.labels
        own = None if labels is None else [int(labels[index]) for index in self._span(piece)]
        return key_of_inputs(self._inputs(piece), own)

    # What is not

    def _asked(self, costs: Mapping[LayerId, float]) -> Asked:
        asked: Asked = {}
        for setting in self._work.settings:
            wanted = next_pieces(
                self._of(setting), len(self._keys), costs, all_of_them=self._work.every_input
            )
            for piece, trials in wanted.items():
                asked.setdefault(piece, []).extend(trials)
        if asked and self._place is None:
            self._build(asked)
            return self._asked(costs)
        return asked

    def _is_out_of_time(self) -> bool:
        """Late, and every layer was seen on as many inputs as it needs."""
        least = min(LEAST, len(self._keys))
        enough = all(len(done) >= least for done in self._known.values())
        return enough and time.monotonic() >= self._until

    def _build(self, asked: Asked) -> None:
        """Treat the layers of all settings that are not certain yet."""
        self._check_cancelled()
        unsettled = {trial.setting for trials in asked.values() for trial in trials}
        trials = [trial for trial in self._known if trial.setting in unsettled]
        wanted = {
            name: {t.layer: t.options for t in trials if t.setting == name} for name in unsettled
        }
        kit = build_kit(self._work, wanted, self._folder, self._progress, self._check_cancelled)
        self._place = KitPlace(self._folder, uuid.uuid4().hex)
        places = {(one.setting, one.layer): i for i, one in enumerate(kit.treated)}
        reasons: dict[str, str] = {}
        for trial in trials:
            if (trial.setting, trial.layer) in places:
                self._indices[trial] = places[trial.setting, trial.layer]
                continue
            reasons[trial.key] = kit.refused[trial.setting].get(trial.layer, _INSIDE)
            self._skip(trial, reasons[trial.key])
            del self._known[trial]
        self._store.refuse(reasons)

    def _do(self, asked: Asked) -> None:
        assert self._place is not None
        total = sum(map(len, asked.values()))
        done, began = 0, time.monotonic()
        executor = self._work.executor
        arrived: dict[int, Looked] = {}
        for piece, looked in do_pieces(
            self._prepared(asked), self._place, executor, self._check_cancelled
        ):
            arrived[piece] = looked
            if executor is not None:
                self._elsewhere += looked.cpu_seconds
            self._store.save(
                self._keys[piece],
                {trial.key: looked.numbers[self._indices[trial]] for trial in asked[piece]},
            )
            done += len(asked[piece])
            self._tell(done, total, began)
            needed = (number for number in asked if number < LEAST)
            if time.monotonic() >= self._until and all(number in arrived for number in needed):
                break
        for piece in sorted(arrived):
            for trial in asked[piece]:
                if len(self._known[trial]) == piece:  # not behind one that did not arrive
                    self._known[trial].append(arrived[piece].numbers[self._indices[trial]])

    def _tell(self, done: float, total: float, began: float) -> None:
        """How much is done: by the trials, or by the time if that runs out before."""
        now = time.monotonic()
        spent = 1.0 if now >= self._until else (now - began) / (self._until - began)
        text = f"Trying layers on {self._work.count} inputs at most"
        self._progress(max(done, spent * total), total, text)

    def _prepared(self, asked: Asked) -> Iterator[tuple[int, Piece]]:
        labels = self._work.labels
        for piece, trials in asked.items():
            span = self._span(piece)
            own = None if labels is None else labels[span.start : span.stop]
            copies = tuple(self._indices[trial] for trial in trials)
            yield piece, Piece(self._inputs(piece), own, copies)


_INSIDE = "It lies in the body of a loop or branch, or does not depend on the inputs."
