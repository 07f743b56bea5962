"""How does a desk phone behave whose MUTE key is pressed from outside? A model with its faults, on an argument clock.

Keeps law 2: every call carries session milliseconds, which never go back; what the phone does by itself is announced
by `next_at` and done by `advance`. It knows nothing of pins: `bench.board` wires it up.
"""

import heapq
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from pi_companion.bench.phone_faults import FLICKER_MS, parse_faults

SEEN_AFTER_MS: Final = 30
"""A key counts only if it stays closed this long: the phone scans its keypad and debounces it."""


class _Act(StrEnum):
    """What the phone does later, by itself."""

    KEY_TOGGLES = "key_toggles"
    SELF_TOGGLES = "self_toggles"
    FORGETS = "forgets"
    LAMP_DIES = "lamp_dies"
    LAMP_FOLLOWS = "lamp_follows"
    LAMP_TURNS = "lamp_turns"


class _Due(NamedTuple):
    """What happens when; of what happens at once, the first planned comes first. `press` 0: not by the contact."""

    at: int
    place: int
    act: _Act
    press: int


class DeskPhone:
    """A phone with a bell, a hook, a MUTE key that toggles, and (perhaps) a lamp that shows it.

    `mute_lamp`: whether its lamp is sensed. `key_delay_ms`: from a key's closing to what it does; never sooner than
    `SEEN_AFTER_MS`, since the phone must see it first. `faults`: see `phone_faults.FAULTS`; raises `CallFolderError`
    for others.

    The key toggles mute only while the phone is off-hook when it takes effect. Mute outlives the call, unless the
    phone clears it. A time before the last one raises `ValueError`.
    """

    def __init__(self, *, mute_lamp: bool = True, key_delay_ms: int = 60, faults: tuple[str, ...] = ()) -> None:
        self._faults = parse_faults(faults)
        self._delay_ms = max(key_delay_ms, SEEN_AFTER_MS)
        self._has_lamp = mute_lamp
        self._is_ringing = self._is_off_hook = self._is_muted = self._is_closed = self._is_busy_lit = False
        self._is_shown = False
        self._late: deque[bool] = deque()
        self._closed_at = 0
        self._presses = 0
        self._now = 0
        self._watchers: list[Callable[[int], None]] = []
        self._due: list[_Due] = []
        self._planned = 0
        for at in self._faults.toggles_at:
            self._plan(at, _Act.SELF_TOGGLES)
        for at in self._faults.forgets_at:
            self._plan(at, _Act.FORGETS)
        if self._faults.lamp_dead_at is not None:
            self._plan(self._faults.lamp_dead_at, _Act.LAMP_DIES)
        known = self._faults
        for span in (*known.stuck_on, *known.stuck_off, *known.inverted, *known.flickers):
            for at in (*range(span.at, span.until, FLICKER_MS if span in known.flickers else span.until), span.until):
                self._plan(at, _Act.LAMP_TURNS)

    @property
    def is_ringing(self) -> bool:
        """Whether the bell is driven."""
        return self._is_ringing

    @property
    def is_off_hook(self) -> bool:
        """Whether the handset is up."""
        return self._is_off_hook

    @property
    def is_muted(self) -> bool:
        """Whether the microphone is cut: the truth, whether or not the lamp shows it."""
        return self._is_muted

    @property
    def is_lamp_lit(self) -> bool:
        """Whether the sensed lamp is lit: the truth, unless a fault says otherwise."""
        now, faults = self._now, self._faults
        if not self._has_lamp or any(now in span for span in faults.stuck_off):
            return False
        turns = sum((now - span.at) // FLICKER_MS + 1 for span in faults.flickers if now in span)
        is_turned = bool(turns % 2) is not any(now in span for span in faults.inverted)
        return any(now in span for span in faults.stuck_on) or self._is_shown is not is_turned

    @property
    def is_busy_lamp_lit(self) -> bool:
        """Whether the 小休 lamp is lit."""
        return self._is_busy_lit

    @property
    def presses(self) -> int:
        """How often the device's contact was closed, seen by the phone or not."""
        return self._presses

    def watch(self, changed: Callable[[int], None]) -> None:
        """Call `changed` with the time after every change of bell, hook, mute or lamps. It may call the phone."""
        self._watchers.append(changed)

    def ring(self, at: int, on: bool) -> None:
        """Drive the bell, or stop."""
        self.advance(at)
        self._is_ringing = on
        self._tell(at)

    def hook(self, at: int, off_hook: bool) -> None:
        """Lift the handset, or put it down."""
        self.advance(at)
        self._is_off_hook = off_hook
        if self._faults.clears_mute_on_lift if off_hook else self._faults.clears_mute_on_hook:
            self._mute(on=False)
        self._tell(at)

    def busy_lamp(self, at: int, is_lit: bool) -> None:
        """Set the phone to 小休, or back on duty: its lamp shows it."""
        self.advance(at)
        self._is_busy_lit = is_lit
        self._tell(at)

    def contact(self, at: int, closed: bool) -> None:
        """Close or open the device's contact across the MUTE key; the same again changes nothing."""
        self.advance(at)
        if closed is self._is_closed:
            return
        self._is_closed = closed
        if not closed:
            if at - self._closed_at < SEEN_AFTER_MS:
                self._forget(self._presses)
            return
        self._closed_at = at
        self._presses += 1
        if self._presses in self._faults.ignored_presses:
            return
        counts_at = at + self._delay_ms + self._faults.late_presses.get(self._presses, 0)
        self._plan(counts_at, _Act.KEY_TOGGLES, self._presses)
        if self._presses in self._faults.double_presses:
            self._plan(counts_at + self._delay_ms, _Act.KEY_TOGGLES, self._presses)

    def own_mute_key(self, at: int) -> None:
        """Press the phone's own MUTE key, as the agent does: long enough to be seen."""
        self.advance(at)
        self._plan(at + self._delay_ms, _Act.KEY_TOGGLES)

    def next_at(self) -> int | None:
        """Return when the phone next does something by itself; None: never, unless something is done to it."""
        return self._due[0].at if self._due else None

    def advance(self, at: int) -> None:
        """Do what the phone does by itself up to and including `at`, each at its own time."""
        if at < self._now:
            raise ValueError(f"the phone is at {self._now} ms already and cannot go back to {at} ms")
        while self._due and self._due[0].at <= at:
            # Taken off first: whoever watches may press again.
            due = heapq.heappop(self._due)
            self._now = max(self._now, due.at)
            self._do(due.act)
            self._tell(due.at)
        self._now = max(self._now, at)

    def _do(self, act: _Act) -> None:
        match act:
            case _Act.KEY_TOGGLES if not self._is_off_hook:
                pass
            case _Act.KEY_TOGGLES | _Act.SELF_TOGGLES:
                self._mute(on=not self._is_muted)
            case _Act.FORGETS:
                self._mute(on=False)
            case _Act.LAMP_DIES:
                self._has_lamp = False
            case _Act.LAMP_FOLLOWS:
                self._is_shown = self._late.popleft()
            case _Act.LAMP_TURNS:
                pass

    def _mute(self, *, on: bool) -> None:
        """Cut the microphone, or not; the lamp follows at once or late, never before what it was still to show."""
        if on is self._is_muted:
            return
        self._is_muted = on
        late_ms = [by_ms for at, by_ms in self._faults.lamp_late if at <= self._now]
        if late_ms:
            self._late.append(on)
            self._plan(self._now + late_ms[-1], _Act.LAMP_FOLLOWS)
        else:
            self._is_shown = on

    def _plan(self, at: int, act: _Act, press: int = 0) -> None:
        self._planned += 1
        heapq.heappush(self._due, _Due(at=at, place=self._planned, act=act, press=press))

    def _forget(self, press: int) -> None:
        self._due = [due for due in self._due if due.press != press]
        heapq.heapify(self._due)

    def _tell(self, at: int) -> None:
        for changed in self._watchers:
            changed(at)
