"""How far is the reported pace from the truth's? Characters a minute against turns whose characters are known.

A truth's pace is the sum of its agent turns' `chars` over the sum of their lengths. Turns hold their own short
pauses, so this is the speaking rate; readings of another rate have no truth here and are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import correlation

from pi_companion.core.facts import Side
from pi_companion.core.states import PaceRate
from pi_companion.session.shapes import Record

_MINUTE_MS = 60000
_LEAST_CORRELATED = 3
"""Two points always lie on a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPace:
    """The pace on one call card (None: the device did not claim one) and the pace of the turns of that call."""

    device_per_min: int | None
    truth_per_min: float

    @property
    def error_percent(self) -> float | None:
        """How far the card is off, in percent of the truth; negative: too slow."""
        return None if self.device_per_min is None else _off_percent(self.device_per_min, self.truth_per_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPace:
    """The pace of one `pace` event and that of the turns it covers."""

    device_per_min: int
    truth_per_min: float

    @property
    def error_percent(self) -> float:
        """How far the reading is off, in percent of the truth; negative: too slow."""
        return _off_percent(self.device_per_min, self.truth_per_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceScore:
    """`cards`: one for each call card with agent turns before it. `readings`: one for each `pace` event, in order.

    `readings_left_out`: `pace` events of another rate, or before any agent turn.
    """

    cards: tuple[CardPace, ...] = ()
    readings: tuple[ReadingPace, ...] = ()
    readings_left_out: int = 0

    @property
    def mean_card_error_percent(self) -> float | None:
        """Mean of the cards' absolute errors, over the cards that claim a pace."""
        return _mean([abs(card.error_percent) for card in self.cards if card.error_percent is not None])

    @property
    def reading_errors_per_min(self) -> tuple[float, ...]:
        """How far each `pace` event is off, in characters a minute, without sign."""
        return tuple(abs(reading.device_per_min - reading.truth_per_min) for reading in self.readings)

    @property
    def mean_reading_error_per_min(self) -> float | None:
        """Mean absolute error of the `pace` events."""
        return _mean(self.reading_errors_per_min)

    @property
    def mean_reading_error_percent(self) -> float | None:
        """Mean absolute error of the `pace` events, each in percent of its truth."""
        return _mean([abs(reading.error_percent) for reading in self.readings])

    @property
    def correlation(self) -> float | None:
        """Pearson's r of the `pace` events and their truths; None below three, or where either never changes."""
        if len(self.readings) < _LEAST_CORRELATED:
            return None
        device = [reading.device_per_min for reading in self.readings]
        truth = [reading.truth_per_min for reading in self.readings]
        if len(set(device)) == 1 or len(set(truth)) == 1:
            return None
        return correlation(device, truth)


def score_pace(events: Iterable[Record], truth: Iterable[Record]) -> PaceScore:
    """Return how far call cards and `pace` events are from the agent's turns of the truth.

    A call card covers the turns that began before it and after the card before. A `pace` event covers the last
    `over_ms` of agent turns before its `at`; of a turn that is covered in part, a like part of its characters counts.
    """
    turns = sorted(
        (event for event in truth if event["kind"] == "turn" and event["side"] == Side.AGENT),
        key=lambda turn: (turn["began"], turn["ended"]),
    )
    cards: list[CardPace] = []
    readings: list[ReadingPace] = []
    left_out = previous_at = 0
    for event in events:
        if event["kind"] == "call_card":
            of_call = [turn for turn in turns if previous_at <= turn["began"] < event["at"]]
            previous_at = event["at"]
            if per_min := _pace(sum(turn["chars"] for turn in of_call), sum(map(_length_ms, of_call))):
                cards.append(CardPace(device_per_min=event["chars_per_min"], truth_per_min=per_min))
        elif event["kind"] == "pace":
            per_min = _recent(turns, event["at"], event["over_ms"]) if event["rate"] == PaceRate.SPEAKING else None
            if per_min is None:
                left_out += 1
            else:
                readings.append(ReadingPace(device_per_min=event["chars_per_min"], truth_per_min=per_min))
    return PaceScore(cards=tuple(cards), readings=tuple(readings), readings_left_out=left_out)


def join_pace(scores: Iterable[PaceScore]) -> PaceScore:
    """Return the scores of several streams as one."""
    several = tuple(scores)
    return PaceScore(
        cards=tuple(card for one in several for card in one.cards),
        readings=tuple(reading for one in several for reading in one.readings),
        readings_left_out=sum(one.readings_left_out for one in several),
    )


def _length_ms(turn: Record) -> int:
    length_ms: int = turn["ended"] - turn["began"]
    return length_ms


def _recent(turns: Sequence[Record], at: int, over_ms: int) -> float | None:
    chars, covered_ms = 0.0, 0
    for turn in reversed(turns):
        spoken_ms = min(turn["ended"], at) - turn["began"]
        taken_ms = min(spoken_ms, over_ms - covered_ms)
        if taken_ms > 0:
            chars += turn["chars"] * taken_ms / _length_ms(turn)
            covered_ms += taken_ms
    return _pace(chars, covered_ms)


def _pace(chars: float, over_ms: int) -> float | None:
    return chars * _MINUTE_MS / over_ms if over_ms > 0 and chars > 0 else None


def _off_percent(device_per_min: float, truth_per_min: float) -> float:
    return 100 * (device_per_min - truth_per_min) / truth_per_min


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
