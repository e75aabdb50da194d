"""The first question: can the device keep the limit at all, and what would if it cannot."""

from core.search.advisor.advice import FORECAST, Chance, FrameRate, RealTime, Sentence
from core.search.advisor.alternatives import larger_devices, smaller_models
from core.search.advisor.chances import chance_of, latency_words, limit_words, predicted
from core.search.advisor.consultation import Consultation
from core.search.advisor.proposals import Proposal
from core.search.advisor.question import FRAMES_OF_REAL_TIME
from core.search.forecast import Forecast
from core.sizes import bytes_words

_NO_FORECAST = "Too little is known of this device, or of this model, for a forecast."


def real_time(consultation: Consultation) -> RealTime:
    limit, best = consultation.limit_ms, consultation.best()
    forecast = best[1] if best else None
    chance = chance_of(forecast, limit)
    rates = tuple(
        FrameRate(frames_per_second=rate, chance=chance_of(forecast, 1000 / rate))
        for rate in FRAMES_OF_REAL_TIME
    )
    failed = best is not None and chance in ("unlikely", "no")
    return RealTime(
        limit_ms=limit,
        chance=chance,
        sentence=_answer(consultation, best, chance),
        rates=rates,
        smaller=smaller_models(consultation) if failed and limit is not None else (),
        larger=larger_devices(consultation) if failed else (),
    )


def _answer(
    consultation: Consultation, best: tuple[Proposal, Forecast] | None, chance: Chance
) -> Sentence:
    if best is None:
        return Sentence(
            text=f"Cannot tell. {_NO_FORECAST}",
            rule=FORECAST,
            evidence=_NO_FORECAST,
            confidence="predicted",
        )
    proposal, forecast = best
    return predicted(_answer_words(consultation, proposal, forecast, chance), forecast)


def _answer_words(
    consultation: Consultation, proposal: Proposal, forecast: Forecast, chance: Chance
) -> str:
    device, label = consultation.profile.name, proposal.approach.label
    mode = f" in mode {consultation.mode}" if consultation.mode else ""
    took = f"{latency_words(forecast.latency_ms)} in {label}{mode}"
    if forecast.fits is False:
        needs = bytes_words(forecast.memory_bytes.value)
        return f"No: the model needs about {needs} of memory, more than the {device} has."
    limit = consultation.limit_ms
    if limit is None:
        return f"At best one inference takes {took} on the {device}, predicted."
    wanted = limit_words(consultation.question.goal, limit)
    return {
        "yes, surely": f"Yes, surely: the {device} keeps {wanted}; even the upper end of the "
        f"forecast does, {took}.",
        "likely": f"Likely: {took} is predicted on the {device}, within {wanted}, but the upper "
        "end of the forecast is over it.",
        "unlikely": f"Unlikely: {took} is predicted on the {device}, and only the lower end of the "
        f"forecast keeps {wanted}.",
        "no": f"No: even the lower end of the forecast misses {wanted}: {took} on the {device}.",
    }[chance]
