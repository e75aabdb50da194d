"""Suggestions beside the format of numbers: sizes of inputs, the device's modes, how to work."""

from collections.abc import Callable, Mapping

from core.search.advisor.advice import Suggestion
from core.search.advisor.consultation import Consultation
from core.search.advisor.input_sizes import fixed_sizes
from core.search.advisor.power_modes import better_mode
from core.search.advisor.proposals import Proposal
from core.search.advisor.sentences import sentences_of

_NOT_EDITABLE = "Sizes can be fixed in ONNX models: convert it first."
_ORDER = ("first", "require", "warn", "second", "allow", "last", "inform")


def further_suggestions(consultation: Consultation) -> tuple[Suggestion, ...]:
    """The model and the device before the way to work, each in the order of the verdicts; what this
    version cannot do after what it can."""
    found = [
        _MAKERS.get(proposal.approach.id, _plain)(proposal, consultation)
        for proposal in consultation.proposals
        if proposal.approach.kind != "numbers" and proposal.verdict not in ("block", "avoid")
    ]
    found.sort(
        key=lambda one: (one.kind == "practice", bool(one.missing), _ORDER.index(one.verdict))
    )
    return tuple(found)


def _plain(proposal: Proposal, consultation: Consultation) -> Suggestion:
    return Suggestion(
        id=proposal.approach.id,
        title=proposal.approach.label,
        kind=proposal.approach.kind,
        verdict=proposal.verdict,
        about=proposal.approach.about,
        sentences=tuple(sentences_of(proposal, consultation)),
        gain=proposal.gain,
        over=proposal.over,
        missing=proposal.approach.missing,
    )


def _static_shapes(proposal: Proposal, consultation: Consultation) -> Suggestion:
    facts = consultation.subject.facts
    free = [each for each in facts.inputs if each.name in facts.free_inputs]
    editable = consultation.subject.changeable
    changed = {
        "action": fixed_sizes(free) if editable else None,
        "missing": "" if editable or not free else _NOT_EDITABLE,
    }
    return _plain(proposal, consultation).model_copy(update=changed)


def _power_mode(proposal: Proposal, consultation: Consultation) -> Suggestion:
    made = _plain(proposal, consultation)
    better = better_mode(consultation)
    if better is None:
        return made
    return made.model_copy(
        update={
            "title": f"Power mode {better.name}",
            "verdict": "allow",
            "sentences": (better.sentence, *made.sentences),
            "outlook": better.outlook,
            "action": better.action,
        }
    )


_MAKERS: Mapping[str, Callable[[Proposal, Consultation], Suggestion]] = {
    "static-shapes": _static_shapes,
    "power-mode": _power_mode,
}
