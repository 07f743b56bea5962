"""Which detection belongs to which truth? One order-keeping assignment, the same every time, and what it leaves over.

A detection fits a truth if the device knew it within [`began` - 500 ms, `ended` + 2000 ms]; a truth without a span
happens at its `at`. Of all ways to pair them in order of time, each at most once, the one with the most pairs is
taken; among those the one that puts detections nearest to where the truths were said; among those the earliest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pi_companion.session.shapes import Record

EARLY_MS: Final = 500
LATE_MS: Final = 2000
"""How long before a truth begins and after it has ended a detection may come, both inclusive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was right and wrong of one sort of detection.

    `kind`: as in the event stream. `name`: the rule or state, empty if the kind has only one sort. `side`: empty if
    it has none. `latencies_ms`: of the hits, ascending; negative: known before the truth had ended.
    """

    kind: str
    name: str = ""
    side: str = ""
    hits: int = 0
    misses: int = 0
    false_alarms: int = 0
    latencies_ms: tuple[int, ...] = ()

    @property
    def truths(self) -> int:
        """How often it truly happened."""
        return self.hits + self.misses


def ended(record: Record) -> int:
    """Return when it was over: its `ended` if it has a span, else its `at`."""
    at: int = record.get("ended", record["at"])
    return at


def is_within(detection: Record, truth: Record) -> bool:
    """Return whether the detection came in the truth's window."""
    at: int = detection["at"]
    began: int = truth.get("began", truth["at"])
    return began - EARLY_MS <= at <= ended(truth) + LATE_MS


def pairs(
    detections: Sequence[Record], truths: Sequence[Record], fits: Callable[[Record, Record], bool]
) -> tuple[tuple[Record, Record], ...]:
    """Return the pairs (detection, truth) of the best assignment, in order of time.

    Detections come in order of `at`, truths in order of their ends; `fits(detection, truth)`: which pairs may be.
    """
    # best[i][j]: most pairs, then least total distance, for the first i truths and the first j detections.
    best = [[(0, 0)] * (len(detections) + 1) for _ in range(len(truths) + 1)]
    for i, truth in enumerate(truths, start=1):
        for j, detection in enumerate(detections, start=1):
            best[i][j] = max(best[i - 1][j], best[i][j - 1])
            if fits(detection, truth):
                count, nearness = best[i - 1][j - 1]
                best[i][j] = max(best[i][j], (count + 1, nearness - abs(ended(detection) - ended(truth))))
    found: list[tuple[Record, Record]] = []
    i, j = len(truths), len(detections)
    while i and j:
        if best[i][j] == best[i][j - 1]:
            j -= 1
        elif best[i][j] == best[i - 1][j]:
            i -= 1
        else:
            i, j = i - 1, j - 1
            found.append((detections[j], truths[i]))
    return tuple(reversed(found))


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return the nearest-rank percentile of ascending values: the least one that `percent` of them do not exceed.

    `percent` from 1 to 100. Always one of the values, never between two; None of none.
    """
    rank = -(-percent * len(values) // 100)  # rounded up
    return values[rank - 1] if values else None
