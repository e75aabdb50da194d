"""The accuracy doctor, on a depthwise layer that one scale for all channels ruins."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.doctors.base import Diagnosis
from core.model.graph import LayerId
from core.plan.plan import CompressionPlan, Step

Ask = Callable[..., Diagnosis]

PER_TENSOR = CompressionPlan(
    name="INT8, one scale", steps=(Step(technique="int8", default={"per_channel": False}),)
)


@pytest.fixture
def said(ask: Ask, uneven: Path, coloured: Path) -> Diagnosis:
    return ask("accuracy", uneven, coloured, plan=PER_TENSOR)


def test_that_the_ruined_layer_is_named_with_its_channels_and_mended_by_scales_of_their_own(
    said: Diagnosis, ask: Ask, uneven: Path, coloured: Path
) -> None:
    assert not said.healthy
    layers = [finding for finding in said.findings if finding.layer is not None]
    worst = layers[0]
    assert worst.layer in {"uneven", "mix"}
    ill = next(one for one in layers if one.layer == "uneven")
    assert any("One scale for all leaves the smallest" in fact for fact in ill.facts)
    remedy = next(one for one in ill.remedies if "scale of its own" in one.label)
    assert remedy.basis == "measured"
    assert remedy.plan is not None
    step = remedy.plan.step("int8")
    assert step is not None
    options = step.options_for(LayerId("uneven"))
    assert options is not None
    assert options["per_channel"] is True


def test_that_what_mends_the_whole_model_was_measured_and_does(
    said: Diagnosis, ask: Ask, uneven: Path, coloured: Path
) -> None:
    whole = said.findings[0]
    assert whole.layer is None
    best = whole.remedies[0]
    assert best.basis == "measured"
    again = ask("accuracy", uneven, coloured, plan=best.plan)
    assert again.healthy, again.sentence


def test_that_a_plan_that_does_no_harm_is_called_sound(
    ask: Ask, uneven: Path, coloured: Path
) -> None:
    harmless = CompressionPlan(name="FP16", steps=(Step(technique="fp16", default={}),))
    said = ask("accuracy", uneven, coloured, plan=harmless)

    assert said.healthy
    assert said.findings == ()
    assert said.tables[0].rows


def test_that_a_plan_without_steps_needs_no_look(ask: Ask, uneven: Path, coloured: Path) -> None:
    said = ask("accuracy", uneven, coloured, plan=CompressionPlan(name="Nothing"))

    assert said.healthy
    assert "leaves every layer as it is" in said.sentence
