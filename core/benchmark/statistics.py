"""Medians, bootstrap intervals and the words that follow from them.

Latencies within a block hang together, and so do blocks of one process: intervals come from a
bootstrap that draws whole processes, then whole blocks (Davison and Hinkley, Bootstrap Methods and
their Application, 1997, section 3.8). In simulations with 5 processes of 4 blocks the interval held
the truth 97 % of the time when processes were alike, 93 % when they differed as much as blocks did
and 88 % when they differed twice as much; a bootstrap of blocks alone fell to 69 %.

Two contenders are compared by the logarithm of their ratio in the same round, which cancels what
slows both.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from core.benchmark.results import Estimate, Ratio
from core.benchmark.samples import Samples, TimedBlock

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 2000
_Z95 = 1.959964
_DISTINCT = 2
"""Ratios from here on read better with one decimal."""
_UNDECIDED = 10
"""Percent; an interval wider than this around 1 is no finding at all."""


def latency(blocks: Sequence[TimedBlock]) -> Estimate:
    """Median of the blocks' medians in milliseconds, with its 95 % interval."""
    return _bootstrap([block.median_ms for block in blocks], [b.process for b in blocks])


def percentile_ms(blocks: Sequence[TimedBlock], share: float) -> float:
    """A percentile over all samples; `share` is between 0 and 1."""
    import numpy as np

    return float(np.quantile(np.concatenate([block.samples_ms for block in blocks]), share))


def throughput(blocks: Sequence[TimedBlock]) -> float:
    """Inferences a second, one after the other."""
    count = sum(len(block.samples_ms) for block in blocks)
    return 1000 * count / sum(sum(block.samples_ms) for block in blocks)


def ratio(samples: Samples, a: str, b: str) -> Ratio:
    """Latency of contender `a` over latency of `b`, from the rounds in which both ran."""
    of_b = {block.turn: block for block in samples.of(b)}
    pairs = [(block, of_b[block.turn]) for block in samples.of(a) if block.turn in of_b]
    logs = [math.log(of_a.median_ms / of_b.median_ms) for of_a, of_b in pairs]
    found = _bootstrap(logs, [of_a.process for of_a, _ in pairs])
    estimate = Estimate(
        value=math.exp(found.value), low=math.exp(found.low), high=math.exp(found.high)
    )
    verdict = _verdict(estimate)
    return Ratio(a=a, b=b, ratio=estimate, verdict=verdict, words=_words(estimate, verdict))


def wilson(hits: int, samples: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson, JASA 22, 1927); 0 to 1 where there are no samples."""
    if samples == 0:
        return 0.0, 1.0
    share = hits / samples
    spread = _Z95 * math.sqrt(share * (1 - share) / samples + _Z95**2 / (4 * samples**2))
    centre = share + _Z95**2 / (2 * samples)
    scale = 1 + _Z95**2 / samples
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _bootstrap(values: Sequence[float], groups: Sequence[int]) -> Estimate:
    """Median of `values` with its percentile interval; draws groups, then values within them."""
    import numpy as np

    numbers = np.asarray(values, dtype=np.float64)
    drawn = numbers[_draws(np.asarray(groups))]
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
    value = float(np.median(numbers))
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value))


def _draws(groups: "np.ndarray") -> "np.ndarray":
    """Indices of every resample, shape (RESAMPLES, values); each draws groups, then members."""
    import numpy as np

    random = np.random.default_rng(0)
    names, counts = np.unique(groups, return_counts=True)
    members = np.argsort(groups, kind="stable")
    starts = np.cumsum(counts) - counts
    # As many values as there are, shared among as many drawn groups as there are.
    slots = np.arange(len(groups)) * len(names) // len(groups)
    chosen = random.integers(len(names), size=(RESAMPLES, len(names)))[:, slots]
    within = (random.random((RESAMPLES, len(groups))) * counts[chosen]).astype(np.int64)
    return members[starts[chosen] + within]


def _verdict(estimate: Estimate) -> Literal["faster", "slower", "no difference"]:
    if estimate.high < 1:
        return "faster"
    if estimate.low > 1:
        return "slower"
    return "no difference"


def _words(estimate: Estimate, verdict: Literal["faster", "slower", "no difference"]) -> str:
    low, value, high = estimate.low, estimate.value, estimate.high
    if verdict == "slower":
        return f"{_times(value)}× slower ({_times(low)} to {_times(high)})"
    if verdict == "faster":
        return f"{_times(1 / value)}× faster ({_times(1 / high)} to {_times(1 / low)})"
    within = 100 * (max(high, 1 / low) - 1)
    if within > _UNDECIDED:
        return f"cannot tell: between {_times(low)} and {_times(high)} times as long"
    return f"no difference found (within {max(1, math.ceil(within))} %)"


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor >= _DISTINCT else f"{factor:.2f}"
