"""Edge or cloud: the time on the device against the network's and a cloud GPU's."""

from collections.abc import Mapping

from core.benchmark.results import Estimate
from core.search.advisor.advice import MEETS, NETWORK, Chance, EdgeOrCloud, Place, Sentence, Way
from core.search.advisor.chances import chance_of, chance_within, latency_words, predicted
from core.search.advisor.consultation import MAIN_TIERS, Consultation
from core.search.advisor.question import Network
from core.search.forecast import Forecast
from core.sizes import bytes_words

_CLOUD = "cloud-gpu"
_MILLISECONDS = 1000
_PLACES: Mapping[tuple[bool, bool], Place] = {
    (True, True): "either",
    (True, False): "edge",
    (False, True): "cloud",
    (False, False): "neither",
}
"""Whether the device keeps the limit, and whether the cloud does."""


def edge_or_cloud(consultation: Consultation) -> EdgeOrCloud | None:
    """None where nobody told of a network, or where the device is a cloud's GPU itself."""
    network = consultation.question.network
    if network is None or consultation.profile.family == _CLOUD:
        return None
    sent = network.payload_bytes or consultation.subject.facts.input_values
    upload = sent * 8 / (network.mbit * 1e6) * _MILLISECONDS
    travel = network.round_trip_ms + upload
    edge, there = _edge(consultation), _cloud_device(consultation, travel)
    cloud = _cloud(consultation, there, travel, _MILLISECONDS / upload)
    said = [_travel_sentence(network, sent, upload, told=network.payload_bytes is not None)]
    if there is not None:
        name, forecast = there
        words = f"There, the {name} takes {latency_words(forecast.latency_ms)}, predicted."
        said.append(predicted(words, forecast))
    advice = _advice(edge, cloud)
    said.insert(0, _advice_sentence(advice, edge, cloud, travel))
    return EdgeOrCloud(advice=advice, edge=edge, cloud=cloud, sentences=tuple(said))


def _edge(consultation: Consultation) -> Way:
    best = consultation.best()
    forecast = best[1] if best else None
    return Way(
        name=consultation.profile.name,
        milliseconds=forecast and forecast.latency_ms,
        frames_per_second=None,
        chance=chance_of(forecast, consultation.limit_ms),
    )


def _cloud_device(consultation: Consultation, travel: float) -> tuple[str, Forecast] | None:
    """The one with the least power that keeps the limit after the travel, else the fastest."""
    found: list[tuple[bool, float, str, Forecast]] = []
    for profile in consultation.known.values():
        if profile.family != _CLOUD:
            continue
        other = consultation.on(profile)
        if (best := other.best(tier=MAIN_TIERS)) is None or best[1].fits is False:
            continue
        limit = consultation.limit_ms
        total = _plus(best[1].latency_ms, travel)
        misses = limit is not None and chance_within(total, limit) not in MEETS
        cost = best[1].latency_ms.value if misses else other.watts(None) or 0.0
        found.append((misses, cost, profile.name, best[1]))
    if not found:
        return None
    *_, name, forecast = min(found, key=lambda one: one[:3])
    return name, forecast


def _cloud(
    consultation: Consultation,
    there: tuple[str, Forecast] | None,
    travel: float,
    most_frames: float,
) -> Way:
    if there is None:
        return Way(
            name="Cloud", milliseconds=None, frames_per_second=most_frames, chance="cannot tell"
        )
    name, forecast = there
    total, limit = _plus(forecast.latency_ms, travel), consultation.limit_ms
    chance: Chance = "cannot tell" if limit is None else chance_within(total, limit)
    wanted = consultation.question.goal.frames_per_second
    if wanted is not None and most_frames < wanted:
        chance = "no"
    return Way(
        name=f"Cloud, {name}", milliseconds=total, frames_per_second=most_frames, chance=chance
    )


def _plus(estimate: Estimate, more: float) -> Estimate:
    return Estimate(value=estimate.value + more, low=estimate.low + more, high=estimate.high + more)


def _travel_sentence(network: Network, sent: int, upload: float, *, told: bool) -> Sentence:
    what = "" if told else " (the input as it is, one byte for each value)"
    return Sentence(
        text=f"The network takes {network.round_trip_ms + upload:.3g} ms: "
        f"{network.round_trip_ms:g} ms there and back, and {upload:.3g} ms to send "
        f"{bytes_words(sent)}{what} at {network.mbit:g} Mbit/s.",
        rule=NETWORK,
        evidence="Computed from the delay, the bandwidth and the payload that were given; the "
        "answer's own bytes are not counted.",
        confidence="predicted",
    )


def _advice(edge: Way, cloud: Way) -> Place:
    if edge.milliseconds is None or cloud.milliseconds is None:
        return "cannot tell"
    if edge.chance == "cannot tell":
        return "edge" if edge.milliseconds.value <= cloud.milliseconds.value else "cloud"
    return _PLACES[edge.chance in MEETS, cloud.chance in MEETS]


def _advice_sentence(advice: Place, edge: Way, cloud: Way, travel: float) -> Sentence:
    here, there = edge.milliseconds, cloud.milliseconds
    both = ""
    if here is not None and there is not None:
        both = f" Here {latency_words(here)}, in the cloud {latency_words(there)} in all."
    words = {
        "edge": "Compute on the device.",
        "cloud": "Compute in the cloud.",
        "either": "Either would do; on the device nothing depends on the network.",
        "neither": "Neither keeps the limit.",
        "cannot tell": "Cannot tell which is faster: a forecast is missing.",
    }[advice]
    return Sentence(
        text=f"{words}{both}",
        rule=NETWORK,
        evidence=f"The forecasts of both, and {travel:.3g} ms on the network.",
        confidence="predicted",
    )
