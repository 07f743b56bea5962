"""What do the counts amount to? Recall, false alarms an hour with their bound, latencies; arithmetic only."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pi_companion.evaluation.hearing import Detection
from pi_companion.evaluation.material import Drill
from pi_companion.session.matching import percentile

_HOUR_MS: Final = 3_600_000
_DOUBT: Final = 0.05


def most_likely_at_most(events: int) -> float:
    """Return the upper end of the one-sided 95 % interval of a Poisson mean after `events` (0: 3.00).

    Exact (Garwood): the mean at which so few events have a chance of 5 %; found by halving.
    """
    low, high = float(events), events + 10 + 10 * math.sqrt(events + 1)
    while high - low > 1e-9:
        mean = (low + high) / 2
        if _chance_of_at_most(events, mean) > _DOUBT:
            low = mean
        else:
            high = mean
    return (low + high) / 2


def _chance_of_at_most(events: int, mean: float) -> float:
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(events + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something happened in `length_ms` of audio, `speech_ms` of which the voice detector took for speech."""

    events: int = 0
    length_ms: int = 0
    speech_ms: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(
            events=self.events + other.events,
            length_ms=self.length_ms + other.length_ms,
            speech_ms=self.speech_ms + other.speech_ms,
        )

    @property
    def hours(self) -> float:
        """Hours of audio."""
        return self.length_ms / _HOUR_MS

    @property
    def per_hour(self) -> float:
        """Events an hour of audio."""
        return self.events / self.hours if self.length_ms else math.nan

    @property
    def most_per_hour(self) -> float:
        """The 95 % upper bound an hour of audio."""
        return most_likely_at_most(self.events) / self.hours if self.length_ms else math.nan

    @property
    def per_speech_hour(self) -> float:
        """Events an hour of speech."""
        return self.events * _HOUR_MS / self.speech_ms if self.speech_ms else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How many of `truths` were found, with the latencies of the finds: event less phrase end, milliseconds, ascending.

    `near_misses_fired` of `near_misses` utterances on which nothing may fire; `others`: wrong rules beside a right one
    or instead of it.
    """

    hits: int = 0
    truths: int = 0
    near_misses_fired: int = 0
    near_misses: int = 0
    others: int = 0
    latencies_ms: tuple[int, ...] = ()

    def __add__(self, other: "Recall") -> "Recall":
        return Recall(
            hits=self.hits + other.hits,
            truths=self.truths + other.truths,
            near_misses_fired=self.near_misses_fired + other.near_misses_fired,
            near_misses=self.near_misses + other.near_misses,
            others=self.others + other.others,
            latencies_ms=tuple(sorted(self.latencies_ms + other.latencies_ms)),
        )

    @property
    def share(self) -> float:
        """Hits of truths, 0 to 1."""
        return self.hits / self.truths if self.truths else math.nan

    def latency_ms(self, percent: int) -> int | None:
        """Return a nearest-rank percentile of the latencies."""
        return percentile(self.latencies_ms, percent)


def recall_of(drill: Drill, found: Iterable[Detection]) -> Recall:
    """Return what one utterance of the drill adds."""
    fired = tuple(found)
    if not drill.rule:
        return Recall(near_misses=1, near_misses_fired=int(bool(fired)))
    # Before the phrase has begun nothing can have heard it.
    right = [detection for detection in fired if detection.rule == drill.rule and detection.at >= drill.began]
    return Recall(
        truths=1,
        hits=int(bool(right)),
        others=len({detection.rule for detection in fired} - {drill.rule}),
        latencies_ms=(min(detection.at for detection in right) - drill.ended,) if right else (),
    )


def total(recalls: Iterable[Recall]) -> Recall:
    """Return several recalls as one."""
    return sum(recalls, start=Recall())


def mean_absolute(values: Sequence[float]) -> float | None:
    """Return the mean of the absolute values; None of none."""
    return math.fsum(map(abs, values)) / len(values) if values else None
