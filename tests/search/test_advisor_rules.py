"""The advisor's rules as data: read, checked all at once, put into words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.devices.profile import profiles
from core.formats import read_graph
from core.search.advisor.conditions import Case, Condition, holds
from core.search.advisor.model_facts import model_facts
from core.search.advisor.rule_words import WORDS, filled
from core.search.advisor.rules import read_rule_book, rule_book, rules

PUBLISHED = (
    *(f"N{number:02}" for number in range(1, 19)),
    *(f"I{number:02}" for number in range(1, 13)),
    *(f"A{number:02}" for number in range(1, 6)),
    *(f"E{number:02}" for number in range(1, 5)),
    *(f"G{number:02}" for number in range(1, 4)),
    *("C01", "C02"),
)
"""The 44 rules that were collected with their sources."""

APPROACHES = """
[[approach]]
id = "int8"
label = "INT8"
kind = "numbers"
steps = ["int8"]
"""
RULE = """
[[rule]]
id = "X1"
when = [{ family = ["jetson"] }]
approach = "int8"
verdict = "allow"
sentence = "About the {device}."
evidence = "Seen."
source = "Here"
confidence = "low"
"""


@pytest.fixture
def case(tiny_model: Path) -> Callable[[str], Case]:
    facts = model_facts(read_graph(tiny_model))
    return lambda device: Case(profiles()[device], facts, "frames")


def test_that_all_published_rules_are_there_each_with_evidence_and_source() -> None:
    known = {rule.id: rule for rule in rules()}
    assert {*PUBLISHED} <= known.keys()
    assert all(rule.evidence and rule.source for rule in known.values())


def test_that_every_rule_holds_somewhere(
    case: Callable[[str], Case],
) -> None:
    """For some device, with a model and an aim chosen to suit it."""
    plain = case("rpi-4").model
    models = [
        plain,
        *(
            plain.__class__(**{**vars(plain), **changed})
            for changed in (
                {"free_inputs": ("image",)},
                {"parameters": 10_000_000},
                {"transformer": True, "quantized": True, "depthwise": True},
            )
        ),
    ]
    cases = [
        Case(profile, model, aim)
        for profile in profiles().values()
        for model in models
        for aim in ("frames", "size")
    ]
    idle = [rule.id for rule in rules() if not any(rule.holds(one) for one in cases)]
    assert idle == []


def test_that_a_sound_book_is_read() -> None:
    book = read_rule_book(APPROACHES, {"one.toml": RULE})
    assert [rule.id for rule in book.rules] == ["X1"]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("jetson", "jettison", "family"),
        ('"allow"', '"perhaps"', "verdict"),
        ('approach = "int8"', 'approach = "int9"', "there is no approach “int9”"),
        ("{device}", "{colour}", "there is no word {colour}"),
        ("evidence", "eviednce", "eviednce"),
        ('source = "Here"', 'source = "Here"\ngain = [1.0, 2.0]', "a gain needs to say over what"),
        ('source = "Here"', 'source = "Here"\ngain = [1.0, 2.0]\nover = "f33"', "over"),
        ('source = "Here"', 'source = "Here"\nbefore = ["simplify"]', "cannot be prepared"),
        ('source = "Here"', 'source = "Here"\noptions = { warmth = 3 }', "warmth"),
        ('"jetson"] }', '"jetson"], compute_capability = ["8"] }', "compute_capability"),
        ("[[rule]]", "[[rule]", "one.toml"),
    ],
)
def test_that_a_broken_rule_is_named_with_what_is_wrong(
    before: str, after: str, problem: str
) -> None:
    with pytest.raises(ValueError, match=r"X1|one\.toml") as raised:
        read_rule_book(APPROACHES, {"one.toml": RULE.replace(before, after)})
    assert problem in str(raised.value)


def test_that_all_problems_are_told_together() -> None:
    broken = RULE.replace('"allow"', '"perhaps"') + RULE.replace("{device}", "{colour}") + RULE
    approaches = APPROACHES.replace('["int8"]', '["int9"]')
    with pytest.raises(ValueError, match="verdict") as raised:
        read_rule_book(approaches, {"one.toml": broken})
    said = str(raised.value).splitlines()
    assert len(said) == 4
    assert any("two rules are called so" in line for line in said)
    assert any("there is no technique “int9”" in line for line in said)


@pytest.mark.parametrize(
    ("device", "condition", "expected"),
    [
        ("jetson-nano-2gb", {"compute_capability": ["5.3", "6.2"]}, True),
        ("jetson-xavier-nx-8gb", {"compute_capability": ["<8.0"]}, True),
        ("jetson-agx-orin-64gb", {"compute_capability": [">=8.0"]}, True),
        ("jetson-agx-thor-t5000", {"compute_capability": [">=8.0"]}, True),
        ("jetson-agx-thor-t5000", {"compute_capability": ["<8.0"]}, False),
        ("rpi-4", {"compute_capability": ["<8.0"]}, False),
        ("rpi-4", {"processor": ["*a72*"]}, True),
        ("rpi-4", {"family": ["jetson", "arm-board"]}, True),
        ("intel-core-i7-1185g7", {"instructions_any": ["vnni", "avx_vnni"]}, True),
        ("intel-core-i7-8700t", {"instructions_any": ["vnni", "avx_vnni"]}, False),
        ("jetson-nano-2gb", {"memory_up_to_gb": 2.1}, True),
        ("jetson-orin-nx-16gb", {"dla": True, "power_modes": True}, True),
        ("jetson-nano-2gb", {"starts_below_best": True}, False),
        ("jetson-orin-nx-16gb", {"starts_below_best": True}, True),
        ("adreno-660", {"computes": ["i8"]}, False),
        ("coral-usb", {"exceeds_cache": True}, False),
        ("coral-usb", {}, True),
    ],
)
def test_that_conditions_look_at_the_device(
    case: Callable[[str], Case], device: str, condition: dict[str, object], expected: bool
) -> None:
    assert holds(Condition.model_validate(condition), case(device)) is expected


def test_that_every_word_can_be_said_of_every_device(case: Callable[[str], Case]) -> None:
    for device in profiles():
        assert all(WORDS[name](case(device)) for name in WORDS)


def test_that_names_from_a_profile_are_never_read_as_words(case: Callable[[str], Case]) -> None:
    hostile = case("rpi-4").profile.model_copy(update={"name": "{memory} {0.__class__}"})
    told = filled("On the {device}.", Case(hostile, case("rpi-4").model, "frames"))
    assert told == "On the {memory} {0.__class__}."


def test_that_facts_of_a_model_come_from_its_graph(tiny_model: Path) -> None:
    facts = model_facts(read_graph(tiny_model))
    assert facts.depthwise
    assert facts.convolutions
    assert not facts.transformer
    assert facts.input_values == 3 * 16 * 16
    assert facts.free_inputs == ()


def test_that_the_book_is_read_once() -> None:
    assert rule_book() is rule_book()
