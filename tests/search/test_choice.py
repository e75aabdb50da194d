"""Choosing: never worse than the best simple choice, never over the limit."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.devices.base import DeviceFacts
from core.search.choice import SAME_LATENCY, choose, latency_of, within_limit
from core.search.reasons import reasons
from core.search.report import Candidate, Goal

Make = Callable[..., Candidate]


def test_that_the_fastest_within_the_limit_is_chosen(make_candidate: Make) -> None:
    verdict = choose(
        [
            make_candidate("original", 10, standing="baseline"),
            make_candidate("careful", 6, drop=0.5),
            make_candidate("reckless", 4, drop=3),
        ],
        Goal(max_drop=1),
        "original",
    )
    assert verdict.chosen == "careful"
    assert verdict.met
    standings = {candidate.id: candidate.standing for candidate in verdict.candidates}
    assert standings == {"original": "baseline", "careful": "chosen", "reckless": "over limit"}


def test_that_of_plans_as_good_as_equally_fast_the_more_accurate_is_chosen(
    make_candidate: Make,
) -> None:
    verdict = choose(
        [
            make_candidate("original", 10, standing="baseline"),
            make_candidate("careless", 6.0, drop=0.9),
            make_candidate("careful", 6.1, drop=0.2),
            make_candidate("most careful", 6.2, drop=0.0),
        ],
        Goal(max_drop=1),
        "original",
    )
    reasons = {candidate.id: candidate.reason for candidate in verdict.candidates}
    assert verdict.chosen == "careful"
    assert reasons["careful"].startswith("Loses least of the fastest, within 2 %,")
    assert "faster by 1.6 %, but loses more" in reasons["careless"]


def test_that_a_more_accurate_plan_is_not_chosen_where_a_simple_choice_is_faster(
    make_candidate: Make,
) -> None:
    verdict = choose(
        [
            make_candidate("original", 10, standing="baseline"),
            make_candidate("other-runtime", 6.05, standing="baseline"),
            make_candidate("careless", 6.0, drop=0.9),
            make_candidate("careful", 6.1, drop=0.2),
        ],
        Goal(max_drop=1),
        "original",
    )
    assert verdict.chosen == "careless"


def test_that_a_baseline_wins_when_no_compression_beats_it(make_candidate: Make) -> None:
    verdict = choose(
        [
            make_candidate("original", 10, standing="baseline"),
            make_candidate("other-runtime", 5, standing="baseline"),
            make_candidate("int8", 6),
        ],
        Goal(),
        "original",
    )
    assert verdict.chosen == "other-runtime"


def test_that_the_goal_is_not_met_when_everything_is_slower(make_candidate: Make) -> None:
    verdict = choose(
        [make_candidate("original", 10, standing="baseline"), make_candidate("int8", 12)],
        Goal(),
        "original",
    )
    assert verdict.chosen is None
    assert not verdict.met


def test_that_among_equally_small_files_the_faster_is_chosen(make_candidate: Make) -> None:
    verdict = choose(
        [
            make_candidate("original", 10, size=400, standing="baseline"),
            make_candidate("slow", 9, size=100),
            make_candidate("fast", 5, size=101),
        ],
        Goal(aim="size"),
        "original",
    )
    assert verdict.chosen == "fast"


def test_that_candidates_that_were_not_measured_are_never_chosen(make_candidate: Make) -> None:
    ghost = make_candidate("ghost", 1).model_copy(update={"benchmark": None, "screened_ms": 1.0})
    verdict = choose(
        [make_candidate("original", 10, standing="baseline"), ghost], Goal(), "original"
    )
    assert verdict.chosen is None


figures = st.tuples(st.floats(0.1, 100), st.floats(-5, 20), st.integers(1, 10**9))


@given(st.lists(figures, max_size=8), st.sampled_from(["latency", "size"]), st.floats(0, 10))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_that_the_chosen_one_is_within_the_limit_and_best(
    make_candidate: Make, rows: list[tuple[float, float, int]], aim: str, limit: float
) -> None:
    goal = Goal(aim=aim, max_drop=limit)  # type: ignore[arg-type]
    candidates = [make_candidate("original", 10, size=10**6, standing="baseline")]
    candidates += [make_candidate(f"c{i}", *row) for i, row in enumerate(rows)]
    verdict = choose(candidates, goal, "original")
    if verdict.chosen is None:
        return
    best = next(c for c in candidates if c.id == verdict.chosen)
    assert within_limit(best, goal)
    for other in candidates:
        if within_limit(other, goal) and aim == "latency":
            reach = 1 if other.standing == "baseline" else SAME_LATENCY
            assert latency_of(best) <= reach * latency_of(other)


@pytest.mark.parametrize("aim", ["latency", "size"])
def test_that_the_reasons_name_the_winner_the_accuracy_and_the_method(
    make_candidate: Make, facts: DeviceFacts, aim: str
) -> None:
    goal = Goal(aim=aim, max_drop=1)  # type: ignore[arg-type]
    verdict = choose(
        [
            make_candidate("original", 10, size=400, standing="baseline"),
            make_candidate("int8", 5, drop=0.4),
            make_candidate("reckless", 3, drop=9.0),
        ],
        goal,
        "original",
    )
    text = " ".join(reasons(verdict.candidates, verdict.chosen, goal, facts, "original"))
    assert "“INT8”" in text
    assert "0.4 points lost" in text
    assert "interleaved" in text
    assert facts.boost_detail in text
    assert ("“RECKLESS” would be faster still" in text) == (aim == "latency")


def test_that_a_missed_goal_names_the_nearest_way_and_a_remedy(
    make_candidate: Make, facts: DeviceFacts
) -> None:
    verdict = choose(
        [
            make_candidate("original", 10, standing="baseline"),
            make_candidate("near", 5, drop=1.5),
            make_candidate("far", 4, drop=8.0),
        ],
        Goal(max_drop=1),
        "original",
    )
    text = " ".join(
        reasons(verdict.candidates, verdict.chosen, Goal(max_drop=1), facts, "original")
    )
    assert "“NEAR” with 1.5 points lost" in text
    assert "most sensitive layers" in text


def test_that_a_busy_machine_is_named_instead_of_a_guess(
    make_candidate: Make, facts: DeviceFacts
) -> None:
    fast = make_candidate("fast", 5)
    assert fast.against_original is not None
    unsure = fast.against_original.model_copy(
        update={"verdict": "cannot tell", "words": "cannot tell: the machine was busy"}
    )
    candidates = [
        make_candidate("original", 10, standing="baseline"),
        fast.model_copy(update={"against_original": unsure}),
    ]
    verdict = choose(candidates, Goal(max_drop=1), "original")
    assert (verdict.chosen, verdict.met) == (None, False)
    said = reasons(verdict.candidates, None, Goal(max_drop=1), facts, "original")
    assert said[0].startswith("Whether anything is faster than the original cannot be told: the")
