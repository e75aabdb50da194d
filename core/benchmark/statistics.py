"""Medians, intervals and the words that follow from them.

Latencies within a block hang together, and so do blocks of one process. An interval is the wider
of two: a bootstrap that draws whole processes, then whole blocks (Davison and Hinkley, Bootstrap
Methods and their Application, 1997, section 3.8), and Student's interval of the processes' medians.
In simulations with 5 processes of 4 blocks both together held the truth 99 % of the time when
processes were alike, 96 % when they differed as much as blocks did or twice as much; the bootstrap
alone fell to 88 %, one of blocks without regard to processes to 69 %.

Every process weighs the same, however long it went on: else the one whose times jumped most, and
which went on for longest, would make the figure.

Two contenders are compared by the logarithm of their ratio in the same round, which cancels what
slows both.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from statistics import mean, median, stdev
from typing import TYPE_CHECKING

from core.benchmark.results import Estimate, Ratio, Verdict
from core.benchmark.samples import Samples, TimedBlock

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 2000
_QUICK_RESAMPLES = 500
"""Where the interval is looked at again and again, while everybody waits."""
_FEWEST_ROUNDS = 3
"""With fewer, nothing is known about a difference."""
_Z95 = 1.959964
LEAST_DIFFERENCE = 0.01
"""Two copies of one model can differ by less for as long as a process lives; and nobody cares."""
SAMPLES_FOR_P90 = 64
SAMPLES_FOR_P99 = 662
"""What an early stopped run needs at least (MLPerf Inference rules, “early stopping”)."""
_T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's two-sided 95 % points for 1, 2 … degrees of freedom."""
_LEAST_PROCESSES = 3
"""Below, Student's interval is so wide that it says nothing."""
_BLOCKS_FOR_JUMPS = 8
"""With fewer, nothing is said about jumps."""
_DISTINCT = 2
"""Ratios from here on are said as factors, below as percent."""
_UNDECIDED = 10
"""Percent; an interval wider than this around 1 is no finding at all."""
_NARROW = 2
"""Percent; an interval narrower than this is said with a decimal."""


def latency(blocks: Sequence[TimedBlock]) -> Estimate:
    """Median of the blocks' medians in milliseconds, with its 95 % interval."""
    return positive_interval([block.median_ms for block in blocks], [b.process for b in blocks])


def percentile_ms(blocks: Sequence[TimedBlock], share: float, least: int) -> float | None:
    """A percentile over all samples; `share` is between 0 and 1. None for fewer than `least`."""
    import numpy as np

    samples = np.concatenate([block.samples_ms for block in blocks])
    if len(samples) < least:
        return None
    counts = Counter[int]()
    for block in blocks:
        counts[block.process] += len(block.samples_ms)
    weights = [np.full(len(block.samples_ms), 1 / counts[block.process]) for block in blocks]
    found = np.quantile(samples, share, weights=np.concatenate(weights), method="inverted_cdf")
    return float(found)


def throughput(blocks: Sequence[TimedBlock], batch: int) -> Estimate | None:
    """Inputs a second while all streams were busy, median of blocks; None for older blocks."""
    rates = [block.rate * batch for block in blocks if block.rate is not None]
    if len(rates) != len(blocks):
        return None
    return positive_interval(rates, [block.process for block in blocks])


def ratio(samples: Samples, a: str, b: str) -> Ratio:
    """Latency of contender `a` over latency of `b`, from the rounds in which both ran.

    Where the figures had to be made from disturbed rounds, the verdict is that nobody can tell.
    """
    of_b = {block.turn: block for block in samples.of(b)}
    pairs = [(block, of_b[block.turn]) for block in samples.of(a) if block.turn in of_b]
    logs = [math.log(of_a.median_ms / of_b.median_ms) for of_a, of_b in pairs]
    found = _interval(logs, [of_a.process for of_a, _ in pairs])
    estimate = Estimate(
        value=math.exp(found.value), low=math.exp(found.low), high=math.exp(found.high)
    )
    trouble = samples.disturbance if samples.disturbed else _indecision(estimate)
    verdict = "cannot tell" if trouble else _verdict(estimate)
    words = f"cannot tell: {trouble}" if trouble else _words(estimate, verdict)
    return Ratio(a=a, b=b, ratio=estimate, verdict=verdict, words=words)


def doubt(blocks: Sequence[TimedBlock]) -> float:
    """How unsure it still is after one fresh start how contenders differ, as a share.

    Half the 95 % interval of the median logarithmic ratio, of the two of whom least is known; 0
    where nobody is to be compared. (The median of one contender alone may never become clear: where
    its times have two values, it is either.)
    """
    logs: dict[str, dict[tuple[int, int], float]] = {}
    for block in blocks:
        logs.setdefault(block.contender, {})[block.turn] = math.log(block.median_ms)
    return max((_half_width(a, b) for a, b in combinations(logs.values(), 2)), default=0.0)


def _half_width(a: Mapping[tuple[int, int], float], b: Mapping[tuple[int, int], float]) -> float:
    """Of the interval of what `a` and `b` differ by in the same turns."""
    differences = [log - a[turn] for turn, log in b.items() if turn in a]
    if len(differences) < _FEWEST_ROUNDS:
        return math.inf
    found = _bootstrap(differences, [0] * len(differences), _QUICK_RESAMPLES)
    return (found.high - found.low) / 2


def balanced_median(values: Sequence[float], groups: Sequence[int]) -> float:
    """Median in which every group weighs the same, whatever number of values it has."""
    counts = Counter(groups)
    ranked = sorted(zip(values, groups, strict=True))
    reached = Fraction(0)
    for (value, group), (following, _) in pairwise([*ranked, ranked[-1]]):
        reached += Fraction(1, counts[group])
        if 2 * reached == len(counts):
            return (value + following) / 2
        if 2 * reached > len(counts):
            return value
    raise AssertionError("half of all was reached")


def jumps(samples: Samples) -> float:
    """By how much times jump from block to block, as a share; that of the median contender.

    The mean distance of a block's median from its process's, on a logarithmic scale; 0 where there
    are too few blocks to tell.
    """
    found: list[float] = []
    for contender in dict.fromkeys(block.contender for block in samples.blocks):
        by_process: dict[int, list[float]] = {}
        for block in samples.of(contender):
            by_process.setdefault(block.process, []).append(math.log(block.median_ms))
        several = [logs for logs in by_process.values() if len(logs) > 1]
        distances = [abs(log - median(logs)) for logs in several for log in logs]
        if len(distances) >= _BLOCKS_FOR_JUMPS:
            found.append(mean(distances))
    return median(found) if found else 0.0


def wilson(hits: int, samples: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson, JASA 22, 1927); 0 to 1 where there are no samples."""
    if samples == 0:
        return 0.0, 1.0
    share = hits / samples
    spread = _Z95 * math.sqrt(share * (1 - share) / samples + _Z95**2 / (4 * samples**2))
    centre = share + _Z95**2 / (2 * samples)
    scale = 1 + _Z95**2 / samples
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def positive_interval(values: Sequence[float], groups: Sequence[int]) -> Estimate:
    """Median of positive figures; the interval is that of their logarithms.

    `groups` says which process each is from.
    """
    found = _interval([math.log(value) for value in values], groups)
    value = balanced_median(values, groups)
    low, high = found.low - found.value, found.high - found.value
    return Estimate(value=value, low=value * math.exp(low), high=value * math.exp(high))


def _interval(values: Sequence[float], groups: Sequence[int]) -> Estimate:
    """Balanced median of `values` with the wider of the two intervals."""
    found = _bootstrap(values, groups)
    members: dict[int, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        members.setdefault(group, []).append(value)
    if len(members) < _LEAST_PROCESSES:
        return found
    medians = [median(own) for own in members.values()]
    freedom = len(medians) - 1
    point = _T95[freedom - 1] if freedom <= len(_T95) else _Z95
    centre, half = mean(medians), point * stdev(medians) / math.sqrt(len(medians))
    return Estimate(
        value=found.value, low=min(found.low, centre - half), high=max(found.high, centre + half)
    )


def _bootstrap(
    values: Sequence[float], groups: Sequence[int], resamples: int = RESAMPLES
) -> Estimate:
    """Balanced median with its percentile interval; draws groups, then values within them."""
    import numpy as np

    numbers = np.asarray(values, dtype=np.float64)
    drawn = numbers[_draws(np.asarray(groups), resamples)]
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
    value = balanced_median(values, groups)
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value))


def _draws(groups: "np.ndarray", resamples: int) -> "np.ndarray":
    """Indices of every resample, shape (resamples, values); each draws groups, then members."""
    import numpy as np

    random = np.random.default_rng(0)
    names, counts = np.unique(groups, return_counts=True)
    members = np.argsort(groups, kind="stable")
    starts = np.cumsum(counts) - counts
    # As many values as there are, shared among as many drawn groups as there are.
    slots = np.arange(len(groups)) * len(names) // len(groups)
    chosen = random.integers(len(names), size=(resamples, len(names)))[:, slots]
    within = (random.random((resamples, len(groups))) * counts[chosen]).astype(np.int64)
    return members[starts[chosen] + within]


def _indecision(estimate: Estimate) -> str:
    """Why an interval is no finding, in words; empty where it is one."""
    low, high = estimate.low, estimate.high
    if low <= 1 <= high and _within(estimate) > _UNDECIDED:
        return f"between {_factor(low)} and {_factor(high)} times as long"
    return ""


def _verdict(estimate: Estimate) -> Verdict:
    if abs(math.log(estimate.value)) < math.log1p(LEAST_DIFFERENCE):
        return "no difference"
    if estimate.high < 1:
        return "faster"
    return "slower" if estimate.low > 1 else "no difference"


def _words(estimate: Estimate, verdict: Verdict) -> str:
    if verdict == "no difference":
        return f"no difference found (within {max(1, math.ceil(_within(estimate)))} %)"
    low, value, high = estimate.low, estimate.value, estimate.high
    if verdict == "faster":
        low, value, high = 1 / high, 1 / value, 1 / low
    if value >= _DISTINCT:
        return f"{_factor(value)}× {verdict} ({_factor(low)} to {_factor(high)})"
    digits = 0 if 100 * (high - low) >= _NARROW else 1
    percents = [f"{100 * (factor - 1):.{digits}f}" for factor in (value, low, high)]
    return f"{verdict} by {percents[0]} % ({percents[1]} to {percents[2]})"


def _within(estimate: Estimate) -> float:
    """The largest difference that the interval allows, in percent."""
    return 100 * (max(estimate.high, 1 / estimate.low) - 1)


def _factor(factor: float) -> str:
    return f"{factor:.1f}" if factor >= _DISTINCT else f"{factor:.2f}"
