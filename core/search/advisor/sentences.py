"""Rules as sentences about one case, each with its evidence."""

from collections.abc import Iterator

from core.search.advisor.advice import RuledOut, Sentence
from core.search.advisor.consultation import Consultation
from core.search.advisor.proposals import Proposal
from core.search.advisor.rule_words import filled
from core.search.advisor.rules import Verdict

_ORDER: tuple[Verdict, ...] = (
    "block", "avoid", "require", "first", "second", "allow", "last", "warn", "inform",
)  # fmt: skip
_FORMATS = {"f32": "FP32", "f16": "FP16", "fp8": "FP8", "dense": "dense weights"}


def sentences_of(proposal: Proposal, consultation: Consultation) -> Iterator[Sentence]:
    """What decides comes first, then what to bear in mind."""
    for rule in sorted(proposal.rules, key=lambda rule: _ORDER.index(rule.verdict)):
        yield Sentence(
            text=filled(rule.sentence, consultation.case),
            rule=rule.id,
            evidence=rule.evidence,
            source=rule.source,
            confidence=rule.confidence,
        )


def claimed_gain(proposal: Proposal) -> Iterator[Sentence]:
    """What others measured elsewhere, with what halves it here; nothing where nobody did."""
    if proposal.gain is None:
        return
    low, high = proposal.gain
    halving = [rule for rule in proposal.rules if rule.halves]
    rule = next(each for each in proposal.rules if each.gain and each.over == proposal.over)
    halved = "; half of the usual gain is counted" if halving else ""
    yield Sentence(
        text=f"Claimed: {low:.3g} to {high:.3g} times as fast as {_FORMATS[proposal.over]}, by "
        f"what others measured on devices of this kind{halved}.",
        rule=", ".join([rule.id, *(each.id for each in halving)]),
        evidence=rule.evidence,
        source=rule.source,
        confidence=rule.confidence,
    )


def ruled_out(consultation: Consultation) -> tuple[RuledOut, ...]:
    """What does not pay or cannot be done, what cannot be done first."""
    found = [
        RuledOut(
            id=proposal.approach.id,
            title=proposal.approach.label,
            verdict=proposal.verdict,
            sentences=tuple(sentences_of(proposal, consultation)),
        )
        for proposal in consultation.proposals
        if proposal.verdict in ("block", "avoid")
    ]
    return tuple(sorted(found, key=lambda one: one.verdict != "block"))
