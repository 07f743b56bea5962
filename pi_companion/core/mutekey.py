"""When is the MUTE key pressed, let go, and given up? The mute table with its deadlines.

Keeps law 6 (the pulse ends here as well as in the adapter and in hardware) and HOLD-5 (never fight the agent).
"""

from dataclasses import replace

from pi_companion.core.effects import Effect, PressMute, ReleaseMute
from pi_companion.core.limits import Mute
from pi_companion.core.mute import MUTE, MUTE_START, PUBLIC, UNDOING, KeyAct, KeyInput, KeyState
from pi_companion.core.settings import Station
from pi_companion.core.states import MuteState


class MuteKey:
    """Drives the table. `asks_for`: which use of the phone's own key the agent is presently asked for, if any."""

    def __init__(self, limits: Mute, station: Station) -> None:
        self._limits = replace(limits, pulse_ms=station.mute_pulse_ms or limits.pulse_ms)
        self._station = station
        self.state = MUTE_START if station.mute_lamp else KeyState.UNSENSED
        self.asks_for: KeyAct | None = None
        self._pressed_at: int | None = None
        self._opens_at: int | None = None
        self._press_due: int | None = None
        self._confirmed_by: int | None = None
        self._followed_press = False
        self._is_mute_next = False
        self._lamp_moves_until = 0

    @property
    def public(self) -> MuteState:
        """The state as it is reported and shown."""
        return PUBLIC[self.state]

    @property
    def is_assumed_muted(self) -> bool:
        """Whether a phone without a lamp was pressed into what should be mute."""
        return self.state is KeyState.ASSUMED_MUTED

    def lamp_moves(self, until: int) -> None:
        """The lamp has lit and is not believed before `until`: nothing is pressed against it meanwhile."""
        self._lamp_moves_until = until

    def lamp(self, at: int, is_lit: bool) -> tuple[Effect, ...]:
        """Take the settled lamp. A lamp that turns back soon after following our press disputes it."""
        is_turning_back = (
            self._followed_press
            and self._pressed_at is not None
            and at - self._pressed_at <= self._limits.reversal_ms
            and self.state is (KeyState.LIVE if is_lit else KeyState.MUTED)
        )
        if is_turning_back:
            return self.feed(at, KeyInput.LAMP_REVERSED)
        return self.feed(at, KeyInput.LAMP_LIT if is_lit else KeyInput.LAMP_DARK)

    def feed(self, at: int, happening: KeyInput) -> tuple[Effect, ...]:
        """Move the machine; return the requests that follow."""
        if not self._station.mute_key and happening in {KeyInput.MUTE_WANTED, KeyInput.LIVE_WANTED}:
            return self._ask_instead(happening)
        before = self.public
        cell = MUTE[self.state][happening]
        self._is_mute_next = self._is_mute_next and happening not in {KeyInput.LIVE_WANTED, KeyInput.ON_HOOK}
        if happening is KeyInput.MUTE_WANTED:
            # A press cannot be called back once it is on its way: mute waits until what is under way is settled.
            self._is_mute_next = self.state in UNDOING or (KeyAct.PRESS in cell.acts and at < self._free_at())
            if self._is_mute_next:
                return ()
        has_moved = cell.next is not self.state
        self.state = cell.next
        if has_moved:
            is_lamp = happening in {KeyInput.LAMP_LIT, KeyInput.LAMP_DARK}
            self._followed_press = before is MuteState.PRESSING and is_lamp
            if self.public is not MuteState.PRESSING:
                self._confirmed_by = self._press_due = None
        if happening is KeyInput.ON_HOOK or (has_moved and self.public in {MuteState.LIVE, MuteState.MUTED}):
            self.asks_for = None
        return tuple(effect for act in cell.acts for effect in self._do(at, act))

    def deadline(self) -> int | None:
        """Return when the contact must open or a press must have been confirmed."""
        confirmed_by = None if self._confirmed_by is None else max(self._confirmed_by, self._lamp_moves_until)
        mute_due = self._free_at() if self._is_mute_next and self.state not in UNDOING else None
        dues = (self._opens_at, self._press_due, confirmed_by, mute_due)
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, at: int) -> tuple[Effect, ...]:
        """Open the contact, or find that the lamp did not follow."""
        effects: list[Effect] = []
        if self._opens_at is not None and at >= self._opens_at:
            effects += self._do(at, KeyAct.RELEASE)
        if self._press_due is not None and at >= self._press_due:
            self._press_due = None
            effects += self._do(at, KeyAct.PRESS)
        if self._confirmed_by is not None and at >= max(self._confirmed_by, self._lamp_moves_until):
            self._confirmed_by = None
            effects += self.feed(at, KeyInput.NOT_CONFIRMED)
        if self._is_mute_next and self.state not in UNDOING and at >= self._free_at():
            effects += self.feed(at, KeyInput.MUTE_WANTED)
        return tuple(effects)

    def _ask_instead(self, happening: KeyInput) -> tuple[Effect, ...]:
        wanted, ask = MuteState.LIVE, KeyAct.ASK_LIVE
        if happening is KeyInput.MUTE_WANTED:
            wanted, ask = MuteState.MUTED, KeyAct.ASK_MUTE
        self.asks_for = None if self.public is wanted else ask
        return ()

    def _free_at(self) -> int:
        """Return when the phone would tell another press from the last one, and the lamp is not about to say more."""
        told_at = 0 if self._pressed_at is None else self._pressed_at + self._limits.pulse_ms + self._limits.gap_ms
        return max(told_at, self._lamp_moves_until)

    def _do(self, at: int, act: KeyAct) -> tuple[Effect, ...]:
        match act:
            case KeyAct.PRESS:
                free_at = self._free_at()
                if at < free_at:
                    self._press_due, self._confirmed_by = free_at, None
                    return ()
                self._pressed_at = at
                self._opens_at = at + self._limits.pulse_ms
                self._confirmed_by = max(at + self._limits.confirm_ms, self._free_at())
                return (PressMute(at=at, pulse_ms=self._limits.pulse_ms),)
            case KeyAct.RELEASE:
                self._opens_at = None
                return (ReleaseMute(at=at),)
            case KeyAct.ASK_MUTE | KeyAct.ASK_LIVE:
                self.asks_for = act
                return ()
