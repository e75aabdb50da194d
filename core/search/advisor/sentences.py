"""Rules as sentences about one case, each with its evidence."""

from collections.abc import Iterator

from core.devices.profile_words import precision_words
from core.search.advisor.advice import RuledOut, Sentence
from core.search.advisor.consultation import Consultation
from core.search.advisor.proposals import Proposal
from core.search.advisor.rule_words import filled
from core.search.advisor.rules import Rule, Verdict

_ORDER: tuple[Verdict, ...] = (
    "block", "avoid", "first", "require", "second", "allow", "last", "warn", "inform",
)  # fmt: skip


def sentences_of(proposal: Proposal, consultation: Consultation) -> Iterator[Sentence]:
    """What decides comes first, then what to bear in mind."""
    for rule in sorted(proposal.rules, key=lambda rule: _ORDER.index(rule.verdict)):
        yield _sentence(rule, consultation)


def _sentence(rule: Rule, consultation: Consultation) -> Sentence:
    return Sentence(
        text=filled(rule.sentence, consultation.case),
        rule=rule.id,
        evidence=rule.evidence,
        source=rule.source,
        confidence=rule.confidence,
    )


def claimed_gain(proposal: Proposal) -> Iterator[Sentence]:
    """What others measured elsewhere, with what halves it here; nothing where nobody did."""
    rule, gain = proposal.telling, proposal.gain
    if rule is None or gain is None:
        return
    low, high = gain
    times = "as fast" if low == high == 1 else f"{low:.3g} to {high:.3g} times as fast"
    what = "dense weights" if rule.over == "dense" else precision_words(rule.over)
    halving = [each.id for each in proposal.rules if each.halves]
    halved = "; half of the usual gain is counted" if halving else ""
    yield Sentence(
        text=f"Claimed: {times} as {what}, by what others measured on devices of this "
        f"kind{halved}.",
        rule=", ".join([rule.id, *halving]),
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
            sentences=tuple(
                _sentence(rule, consultation)
                for rule in proposal.rules
                if rule.verdict == proposal.verdict
            ),
        )
        for proposal in consultation.proposals
        if proposal.verdict in ("block", "avoid")
    ]
    return tuple(sorted(found, key=lambda one: one.verdict != "block"))
