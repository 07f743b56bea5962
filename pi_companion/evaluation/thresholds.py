"""Would the thresholds hold for a voice they were not chosen on? Chosen on some voices, reported on the others.

The rule, the same for everyone: one and two syllables must be exact, every other length starts at `FLOOR_PM`. While
anything fires that must not, in the near misses and the negative speech of the voices to choose on, the length that
fired is raised, at least to just above the likeness with which it fired. Then `MARGIN_PM` is added to every length
that was raised, and no length is held to less than a longer one. Each step is a run of the real spotter on what was
heard.
"""

from collections.abc import Callable, Sequence
from typing import Final

from pi_companion.evaluation.hearing import Detection

FLOOR_PM: Final = 760
MARGIN_PM: Final = 60
EXACT_UP_TO: Final = 2
_STEP_PM: Final = 10
_MOST_ROUNDS: Final = 40

Alarms = Callable[[tuple[int, ...]], Sequence[Detection]]
"""What fires that must not, with these thresholds."""


def choose(lengths: int, alarms: Alarms) -> tuple[int, ...]:
    """Return the thresholds in per mille for phrases of 1 … `lengths` syllables, by the rule above."""
    chosen = [1000 if place < EXACT_UP_TO else FLOOR_PM for place in range(lengths)]
    raised = set[int]()
    for _ in range(_MOST_ROUNDS):
        fired = alarms(tuple(chosen))
        if not fired:
            break
        before = list(chosen)
        for place, score_pm in {(min(max(each.places, 1), lengths) - 1, each.score_pm) for each in fired}:
            above_pm = max(before[place], score_pm // _STEP_PM * _STEP_PM) + _STEP_PM
            chosen[place] = max(chosen[place], min(1000, above_pm))
            raised.add(place)
        if chosen == before:
            break  # heard exactly: no threshold keeps that out
    with_margin = [min(1000, value + MARGIN_PM * (place in raised)) for place, value in enumerate(chosen)]
    for place in range(lengths - 2, -1, -1):
        with_margin[place] = max(with_margin[place], with_margin[place + 1])
    return tuple(with_margin)


def shifted(least_score_pm: tuple[int, ...], by_pm: int) -> tuple[int, ...]:
    """Return the thresholds moved, each within 500 to 1000 as the pack allows."""
    return tuple(min(1000, max(500, value + by_pm)) for value in least_score_pm)
