"""Words for the chance that a limit is kept, and for predicted figures."""

from core.benchmark.results import Estimate, rate_words
from core.search.advisor.advice import FORECAST, Chance, Outlook, Sentence
from core.search.advisor.question import DeviceGoal
from core.search.forecast import Forecast
from core.sizes import bytes_range, bytes_words


def chance_of(forecast: Forecast | None, limit_ms: float | None) -> Chance:
    """Of one inference taking at most `limit_ms`; “cannot tell” without forecast or limit."""
    if forecast is None:
        return "cannot tell"
    if forecast.fits is False:
        return "no"
    return "cannot tell" if limit_ms is None else chance_within(forecast.latency_ms, limit_ms)


def chance_within(latency_ms: Estimate, limit_ms: float) -> Chance:
    if latency_ms.high <= limit_ms:
        return "yes, surely"
    if latency_ms.value <= limit_ms:
        return "likely"
    return "unlikely" if latency_ms.low <= limit_ms else "no"


def limit_words(goal: DeviceGoal, limit_ms: float) -> str:
    """“30 frames a second (33.3 ms each)”, “20 ms for one inference”."""
    frames = goal.frames_per_second
    if frames is not None and limit_ms == 1000 / frames:
        return f"{frames:g} frames a second ({limit_ms:.3g} ms each)"
    return f"{limit_ms:.3g} ms for one inference"


def latency_words(latency_ms: Estimate) -> str:
    """“12.3 ms (8.1 to 18.7)”."""
    value, low, high = map(rate_words, (latency_ms.value, latency_ms.low, latency_ms.high))
    return f"{value} ms ({low} to {high})"


def forecast_sentence(forecast: Forecast, approach: str) -> Sentence:
    """“Predicted in FP16, mode 15W: 12.3 ms (8.1 to 18.7) for one inference, 81 a second.”"""
    mode = f", mode {forecast.mode}" if forecast.mode else ""
    rate = rate_words(1000 / forecast.latency_ms.value)
    text = f"{latency_words(forecast.latency_ms)} for one inference, about {rate} a second"
    return predicted(f"Predicted in {approach}{mode}: {text}.", forecast)


def memory_sentence(forecast: Forecast) -> Sentence:
    memory = forecast.memory_bytes
    band = bytes_range(memory.low, memory.high)
    fit = {True: "It fits.", False: "It does not fit.", None: "Whether it fits is open."}
    text = f"It needs about {bytes_words(memory.value)} of memory ({band}), predicted."
    return predicted(f"{text} {fit[forecast.fits]}", forecast)


def energy_sentence(millijoules: Estimate, watts: float, forecast: Forecast) -> Sentence:
    return predicted(
        f"At most about {millijoules.value:.3g} mJ for one inference, if it draws all of the "
        f"{watts:g} W that the maker claims; only the board can measure it.",
        forecast,
    )


def predicted(text: str, forecast: Forecast) -> Sentence:
    """A sentence that rests on a forecast."""
    return Sentence(text=text, rule=FORECAST, evidence=forecast.basis, confidence="predicted")


def outlook_of(
    forecast: Forecast | None,
    limit_ms: float | None,
    *,
    watts: float | None = None,
    file_bytes: int | None = None,
) -> Outlook:
    if forecast is None:
        return Outlook(file_bytes=file_bytes)
    latency = forecast.latency_ms
    return Outlook(
        latency_ms=latency,
        memory_bytes=forecast.memory_bytes,
        fits=forecast.fits,
        file_bytes=file_bytes,
        millijoules=None
        if watts is None
        else Estimate(
            value=latency.value * watts, low=latency.low * watts, high=latency.high * watts
        ),
        chance=chance_of(forecast, limit_ms),
    )
