"""How does a desk phone behave whose MUTE key is pressed from outside? A model with its faults, on an argument clock.

Keeps law 2: every call carries session milliseconds, which never go back; what the phone does by itself is announced
by `next_at` and done by `advance`. It knows nothing of pins: `bench.board` wires it up.
"""

import heapq
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from pi_companion.errors import CallFolderError

SEEN_AFTER_MS: Final = 30
"""A key counts only if it stays closed this long: the phone scans its keypad and debounces it."""

FAULTS: Final = (
    "ignores_press@N",
    "double_toggle@N",
    "lamp_dead@MS",
    "clears_mute_on_hook",
    "self_toggles@MS",
)
"""Every fault that can be asked for; N counts closings of the device's contact from 1, MS is session milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with the phone, as asked for by `FAULTS`. Closings by number, times in session milliseconds."""

    ignored_presses: frozenset[int] = frozenset()
    double_presses: frozenset[int] = frozenset()
    lamp_dead_at: int | None = None
    clears_mute_on_hook: bool = False
    toggles_at: tuple[int, ...] = ()


def parse_faults(asked_for: Iterable[str]) -> Faults:
    """Return the faults as a call folder asks for them.

    Raises `CallFolderError` that names every one it does not know, and what there is.
    """
    presses: dict[str, set[int]] = {"ignores_press": set(), "double_toggle": set()}
    times: dict[str, set[int]] = {"lamp_dead": set(), "self_toggles": set()}
    clears_mute_on_hook = False
    complaints = []
    for fault in asked_for:
        name, _, number = fault.partition("@")
        if fault == "clears_mute_on_hook":
            clears_mute_on_hook = True
        elif name in presses and re.fullmatch("[1-9][0-9]{0,8}", number):
            presses[name].add(int(number))
        elif name in times and re.fullmatch("[0-9]{1,9}", number):
            times[name].add(int(number))
        else:
            complaints.append(f"{fault!r} is no fault of the simulated phone; there are {', '.join(FAULTS)}")
    if complaints:
        raise CallFolderError("[phone] faults", complaints)
    return Faults(
        ignored_presses=frozenset(presses["ignores_press"]),
        double_presses=frozenset(presses["double_toggle"]),
        lamp_dead_at=min(times["lamp_dead"], default=None),
        clears_mute_on_hook=clears_mute_on_hook,
        toggles_at=tuple(sorted(times["self_toggles"])),
    )


class _Act(StrEnum):
    """What the phone does later, by itself."""

    KEY_TOGGLES = "key_toggles"
    SELF_TOGGLES = "self_toggles"
    LAMP_DIES = "lamp_dies"


class _Due(NamedTuple):
    """What happens when; of what happens at once, the first planned comes first. `press` 0: not by the contact."""

    at: int
    place: int
    act: _Act
    press: int


class DeskPhone:
    """A phone with a bell, a hook, a MUTE key that toggles, and (perhaps) a lamp that shows it.

    `mute_lamp`: whether its lamp is sensed. `key_delay_ms`: from a key's closing to what it does; never sooner than
    `SEEN_AFTER_MS`, since the phone must see it first. `faults`: see `FAULTS`; raises `CallFolderError` for others.

    The key toggles mute only while the phone is off-hook when it takes effect. Mute outlives the call, unless the
    phone `clears_mute_on_hook`. A time before the last one raises `ValueError`.
    """

    def __init__(self, *, mute_lamp: bool = True, key_delay_ms: int = 60, faults: tuple[str, ...] = ()) -> None:
        self._faults = parse_faults(faults)
        self._delay_ms = max(key_delay_ms, SEEN_AFTER_MS)
        self._has_lamp = mute_lamp
        self._is_ringing = self._is_off_hook = self._is_muted = self._is_closed = self._is_busy_lit = False
        self._closed_at = 0
        self._presses = 0
        self._now = 0
        self._watchers: list[Callable[[int], None]] = []
        self._due: list[_Due] = []
        self._planned = 0
        for at in self._faults.toggles_at:
            self._plan(at, _Act.SELF_TOGGLES)
        if self._faults.lamp_dead_at is not None:
            self._plan(self._faults.lamp_dead_at, _Act.LAMP_DIES)

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
        """Whether the sensed lamp is lit."""
        return self._has_lamp and self._is_muted

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
        if not off_hook and self._faults.clears_mute_on_hook:
            self._is_muted = False
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
        self._plan(at + self._delay_ms, _Act.KEY_TOGGLES, self._presses)
        if self._presses in self._faults.double_presses:
            self._plan(at + 2 * self._delay_ms, _Act.KEY_TOGGLES, self._presses)

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
                self._is_muted = not self._is_muted
            case _Act.LAMP_DIES:
                self._has_lamp = False

    def _plan(self, at: int, act: _Act, press: int = 0) -> None:
        self._planned += 1
        heapq.heappush(self._due, _Due(at=at, place=self._planned, act=act, press=press))

    def _forget(self, press: int) -> None:
        self._due = [due for due in self._due if due.press != press]
        heapq.heapify(self._due)

    def _tell(self, at: int) -> None:
        for changed in self._watchers:
            changed(at)
