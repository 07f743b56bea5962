"""How does this phone behave? Its lamp while it was watched, and the shortest pulse that its MUTE key takes.

Measured on the unit's own inputs, by `pi-companion board`: no voltage is known here, only lit or dark and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pi_companion.core.limits import LONGEST_PULSE_MS

PULSES_MS: Final = tuple(range(40, LONGEST_PULSE_MS + 1, 20))
"""What is tried, the shortest first; none is so long that the board's one-shot could cut it."""

TRIES: Final = 3
"""So often in a row the key must take a pulse."""

MARGIN_MS: Final = 40
"""So much longer than the shortest the device then presses: contacts wear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LampSeen:
    """A lamp over some time. `turns`: how often it went on or off; `period_ms`: from rise to rise, None: no two."""

    turns: int
    lit_pct: int
    period_ms: int | None

    @property
    def is_steady(self) -> bool:
        """Whether it was lit all the time, or dark all the time."""
        return self.turns == 0

    @property
    def is_lit(self) -> bool:
        """Whether it was lit for more than half of the time."""
        return self.lit_pct > 50


def watch(edges: Sequence[tuple[int, bool]], began: int, until: int) -> LampSeen:
    """Return how a lamp behaved from `began` until just before `until`.

    `edges`: time and level, in order; the last one before `began` says how it began (none: dark). A level that was
    told before is no turn.
    """
    level, since, lit_ms, turns = False, began, 0, 0
    rises: list[int] = []
    for at, is_lit in edges:
        if at >= until:
            break
        if is_lit is level:
            continue
        level = is_lit
        if at <= began:
            continue
        lit_ms += 0 if is_lit else at - since
        turns, since = turns + 1, at
        if is_lit:
            rises.append(at)
    lit_ms += until - since if level else 0
    period_ms = (rises[-1] - rises[0]) // (len(rises) - 1) if len(rises) > 1 else None
    return LampSeen(turns=turns, lit_pct=100 * lit_ms // max(1, until - began), period_ms=period_ms)


class PulseLadder:
    """Goes up `PULSES_MS` until the key takes a pulse `TRIES` times in a row."""

    def __init__(self) -> None:
        self._step = self._taken = 0

    @property
    def pulse_ms(self) -> int | None:
        """What to press with next; None: it is over."""
        is_over = self._step >= len(PULSES_MS) or self._taken >= TRIES
        return None if is_over else PULSES_MS[self._step]

    @property
    def shortest_ms(self) -> int | None:
        """The shortest pulse that the key takes; None: not known, or it takes none."""
        return PULSES_MS[self._step] if self._taken >= TRIES else None

    def tell(self, *, is_taken: bool) -> None:
        """Take what the last press did: whether the lamp turned, once."""
        if is_taken:
            self._taken += 1
        else:
            self._step, self._taken = self._step + 1, 0


def pulse_to_use(shortest_ms: int) -> int:
    """Return how long the device is to press a key whose shortest pulse is known."""
    return min(shortest_ms + MARGIN_MS, PULSES_MS[-1])
