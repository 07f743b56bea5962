"""How does the agent sit, and is anybody there? A distance measured to a chair (POSTURE-1, RING-3).

Law 10: a reading proves the sensor; without one nothing is claimed, and after a while without one nothing any more.
"""

from collections.abc import Iterable
from typing import Final

from pi_companion.core import screens
from pi_companion.core.cues import Weight
from pi_companion.core.effects import EmptySeatRang, PostureChanged
from pi_companion.core.facts import Part, PartLost, SeatMeasured
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Drop, Happening, Moment, Note, Prompt, Rang
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import LineState, Posture

_BAD: Final = frozenset({Posture.SLOUCHED, Posture.HUNCHED})
_SILENT: Final = frozenset({Posture.ABSENT, Posture.UNKNOWN})  # nothing is known of how anybody sits
_IN_CALL: Final = frozenset({LineState.CONNECTED, LineState.ON_HOLD})
_OFF_DUTY: Final = frozenset({*_IN_CALL, LineState.AWAY})


class Seat:
    """Believes a posture once it has held; nudges about one in calls only, where a caller hears it.

    `settings.limits.seat`. Not calibrated, the seat is only ever empty or unknown.
    """

    def __init__(self, pack: Pack, station: Station) -> None:
        self._limits, self._texts = pack.limits.seat, pack.texts
        self._has_sensor, self._upright_mm = station.seat_sensor, station.seat_upright_mm
        self._line = LineState.ON_HOOK
        self._posture = Posture.UNKNOWN
        self._held_since = 0
        self._candidate: Posture | None = None
        self._candidate_since = 0
        self._measured_at: int | None = None
        self._bad_since: int | None = None
        self._call_at: int | None = None
        self._is_known = False
        self._is_nudged = False
        self._was_nudged = False
        self._on_duty_since = 0
        self._is_prompted = False
        self._empty_rings = 0

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Follow the sensor, the line and the rings."""
        match happening:
            case SeatMeasured() if self._has_sensor:
                self._measure(happening.at, happening.distance_mm)
            case PartLost(part=Part.SEAT):
                yield from self._forget(happening.at)
            case Rang(count=1) if self._posture is Posture.ABSENT and self._line is not LineState.AWAY:
                self._empty_rings += 1
                yield EmptySeatRang(at=happening.at, count=self._empty_rings)
            case CallBegan():
                self._call_at, self._is_known = happening.at, self._posture not in _SILENT
                self._is_nudged = self._was_nudged = False
            case CallEnded() if self._call_at is not None:
                is_long = happening.at - self._call_at >= self._limits.sustained_ms
                if self._was_nudged or (self._is_known and is_long):
                    yield Note(rule="POSTURE-1", is_good=not self._was_nudged)
                self._call_at = None
            case _:
                pass
        yield from self._follow(happening.at, moment)

    def deadline(self) -> int | None:
        """Return when a posture will have held, a reading be stale, or an empty seat or a slouch have lasted."""
        dues = [self._settles_at(), self._stale_at(), self._nudge_at(), self._prompt_at()]
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Believe what has held, forget what is stale, ask for what has lasted."""
        yield from self._follow(at, moment)
        stale_at, settles_at = self._stale_at(), self._settles_at()
        if stale_at is not None and at >= stale_at:
            yield from self._forget(at)
        elif settles_at is not None and at >= settles_at and self._candidate is not None:
            yield from self._believe(at, self._candidate, self._candidate_since)
        if (nudge_at := self._nudge_at()) is not None and at >= nudge_at:
            self._is_nudged = self._was_nudged = True
            title, say = self._texts["nudge.posture.title"], self._texts["nudge.posture.say"]
            yield screens.nudge_of("POSTURE-1", title, say, weight=Weight.PATIENT)
        if (prompt_at := self._prompt_at()) is not None and at >= prompt_at:
            self._is_prompted = True
            text = self._texts["seat.empty"]
            yield Prompt(rule="RING-3", text=text, screen=screens.nudge(text, ""), is_urgent=False)

    def _posture_at(self, distance_mm: int | None) -> Posture:
        limits = self._limits
        if distance_mm is None or distance_mm > limits.absent_mm:
            return Posture.ABSENT
        if not self._upright_mm:
            return Posture.UNKNOWN  # somebody is there
        if distance_mm < self._upright_mm - limits.hunched_mm:
            return Posture.HUNCHED
        return Posture.SLOUCHED if distance_mm > self._upright_mm + limits.slouched_mm else Posture.UPRIGHT

    def _measure(self, at: int, distance_mm: int | None) -> None:
        posture = self._posture_at(distance_mm)
        self._measured_at = at
        if posture is self._posture:
            self._candidate = None
        elif posture is not self._candidate:
            self._candidate, self._candidate_since = posture, at

    def _believe(self, at: int, posture: Posture, since: int) -> Iterable[Advice]:
        self._candidate = None
        if posture is self._posture:
            return
        yield PostureChanged(at=at, state=posture)
        if self._posture is Posture.ABSENT:
            self._is_prompted = False
            yield Drop(rule="RING-3")
        self._posture, self._held_since = posture, since
        self._is_known = self._is_known and posture not in _SILENT
        if posture in _BAD:
            self._bad_since = since if self._bad_since is None else self._bad_since
            return
        self._bad_since, self._is_nudged = None, False
        yield Drop(rule="POSTURE-1")

    def _forget(self, at: int) -> Iterable[Advice]:
        self._measured_at = None
        return self._believe(at, Posture.UNKNOWN, at)

    def _follow(self, at: int, moment: Moment) -> Iterable[Advice]:
        before, self._line = self._line, moment.line
        if before in _OFF_DUTY and moment.line not in _OFF_DUTY:
            self._on_duty_since = at
        if before not in _OFF_DUTY and moment.line in _OFF_DUTY:
            yield Drop(rule="RING-3")

    def _settles_at(self) -> int | None:
        if self._candidate is None:
            return None
        is_absent = self._candidate is Posture.ABSENT
        return self._candidate_since + (self._limits.absent_ms if is_absent else self._limits.settle_ms)

    def _stale_at(self) -> int | None:
        return None if self._measured_at is None else self._measured_at + self._limits.stale_ms

    def _nudge_at(self) -> int | None:
        if self._line not in _IN_CALL or self._call_at is None or self._bad_since is None or self._is_nudged:
            return None
        return max(self._bad_since, self._call_at) + self._limits.sustained_ms

    def _prompt_at(self) -> int | None:
        if self._posture is not Posture.ABSENT or self._line is not LineState.ON_HOOK or self._is_prompted:
            return None
        return max(self._held_since, self._on_duty_since) + self._limits.empty_ms
