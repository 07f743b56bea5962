"""What should the device do now? The one place where the small machines are coupled (law 4).

The whole contract: `handle` takes a fact and returns effects, `deadline` names the time at which a `Tick` is due.
"""

from functools import partial
from typing import assert_never

from pi_companion.core import facts, screens
from pi_companion.core.cadence import RingCounter
from pi_companion.core.call import LINE, LINE_START, LineAct, LineInput
from pi_companion.core.card import CallRecord
from pi_companion.core.coach import Coach
from pi_companion.core.cues import Arbiter, Weight
from pi_companion.core.customer_wait import CustomerWait
from pi_companion.core.effects import (
    CallAnswered,
    CallCard,
    CallMissed,
    Effect,
    FaultCleared,
    FaultRaised,
    LineState,
    LineStateChanged,
    OutboundBegan,
    RingCounted,
    Screen,
    ShowScreen,
)
from pi_companion.core.facts import Button, Fact, FactOutOfOrder, Part, Side
from pi_companion.core.leds import LeasedLights, lights
from pi_companion.core.opening import OpeningCheck
from pi_companion.core.pace import PaceMeter
from pi_companion.core.settings import Pack, Station
from pi_companion.core.steady import Steady
from pi_companion.core.view import Situation, choose


class Companion:
    """The device's mind. Pure: same facts, same effects."""

    def __init__(self, pack: Pack, station: Station) -> None:
        limits = pack.limits
        self._pack, self._texts, self._limits, self._station = pack, pack.texts, limits, station
        self._now = 0
        self._out: list[Effect] = []
        self._ring = Steady(limits.ringing.settle_ms)
        self._hook = Steady(limits.line.settle_ms)
        self._lamp = Steady(limits.mute.lit_settle_ms, 0)
        self._rings = RingCounter(limits.ringing)
        self._line = LINE_START
        self._line_due: int | None = None
        self._arbiter = Arbiter(limits.cueing)
        self._coach = Coach(pack, self._arbiter, self._out.append, lambda: self._wait.is_covering)
        self._wait = CustomerWait(pack, station, self._arbiter, self._out.append, self._feed_line)
        self._time_marks: list[tuple[int, str]] = []
        self._card: CallCard | None = None
        self._lost: set[Part] = set()
        self._lights = LeasedLights()
        self._screen: Screen | None = None

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        """Take a fact, return what follows, in order. Raises `FactOutOfOrder`, unchanged, if time runs back."""
        if fact.at < self._now:
            raise FactOutOfOrder(f"fact at {fact.at} ms after one at {self._now} ms: {type(fact).__name__}")
        self._now = fact.at
        self._out.clear()
        self._pass_deadlines()
        self._take(fact)
        self._pass_deadlines()
        self._show()
        return tuple(self._out)

    def deadline(self) -> int | None:
        """Return the time at which a `Tick` is due, or None."""
        opening = self._coach.record.opening if self._coach.record else None
        dues = (
            self._ring.deadline(),
            self._hook.deadline(),
            self._lamp.deadline(),
            self._rings.deadline(),
            self._line_due,
            self._wait.deadline(),
            self._arbiter.deadline(),
            opening.deadline() if opening else None,
            self._time_marks[0][0] if self._time_marks else None,
            self._lights.deadline(),
            self._next_second(),
        )
        return min((due for due in dues if due is not None), default=None)

    # Facts

    def _take(self, fact: Fact) -> None:
        match fact:
            case facts.RingLineChanged():
                self._ring.change(fact.at, fact.is_active)
            case facts.HookChanged():
                self._hook.change(fact.at, fact.is_off_hook)
            case facts.MuteLampChanged():
                if self._station.mute_lamp and Part.MUTE_LAMP not in self._lost:
                    self._lamp.change(fact.at, fact.is_lit)
                    self._wait.lamp_moves(self._lamp.deadline() or fact.at)
            case facts.ButtonPressed(button=Button.RESUME):
                if self._is_in_call:  # on-hook nothing is pressed, whatever the lamp says
                    self._wait.button(fact.at)
            case facts.PartLost():
                self._lose(fact)
            case facts.PartFound():
                self._find(fact)
            case facts.TalkSpurtBegan():
                self._coach.spurt_began(fact, is_muted=self._wait.is_muted)
            case facts.WordsHeard(side=Side.AGENT):
                self._wait.said(fact.at, self._coach.agent_words(fact, is_muted=self._wait.is_muted))
            case facts.WordsHeard():
                if self._wait.wants_answer:
                    self._coach.customer_words(fact)
            case facts.TalkSpurtEnded():
                self._pause(fact)
            case facts.Tick() | facts.ButtonPressed() | facts.SeatMeasured():
                pass
            case _:
                assert_never(fact)  # type: ignore[arg-type] # Fact is open to mypy; a new fact must fail loudly

    def _pause(self, fact: facts.TalkSpurtEnded) -> None:
        if fact.side is Side.AGENT:
            self._wait.said(fact.at, self._coach.agent_paused(fact, is_muted=self._wait.is_muted))
            self._wait.agent_paused(fact, has_spoken=self._coach.has_spoken)
            return
        answer = self._coach.customer_paused(fact, is_cut=Part.TAP in self._lost)
        report = partial(self._coach.report_answer, fact.at, answer)
        self._wait.answered(fact.at, answer, report, is_agent_talking=self._coach.is_agent_talking)

    def _lose(self, fact: facts.PartLost) -> None:
        self._out.append(FaultRaised(at=fact.at, part=fact.part, detail=fact.detail))
        self._lost.add(fact.part)
        if fact.part is Part.MUTE_LAMP:
            self._lamp = Steady(self._limits.mute.lit_settle_ms, 0)  # what it was about to say is not believed
            self._wait.lamp_lost(fact.at)
        if record := self._coach.record:
            record.is_heard = record.is_heard and fact.part not in {Part.TAP, Part.SPEECH}
            if fact.part is not Part.OLED:
                title, hint = self._texts[f"fault.{fact.part}.title"], self._texts[f"fault.{fact.part}.hint"]
                self._out += self._arbiter.cue(fact.at, "FAULT", title, screens.fault(title, hint))

    def _find(self, fact: facts.PartFound) -> None:
        self._lost.discard(fact.part)
        self._out.append(FaultCleared(at=fact.at, part=fact.part, detail=""))
        match fact.part:
            case Part.MUTE_LAMP:
                self._lamp = Steady(self._limits.mute.lit_settle_ms, 0)  # its present level follows as a fact
            case Part.OLED:
                self._screen = None  # what it last showed is gone: all is shown anew
            case _:
                pass

    # Deadlines

    def _pass_deadlines(self) -> None:
        now = self._now
        if self._ring.settle(now) and not self._is_in_call:
            self._follow_ring(self._ring.changed_at)
        while (due := self._rings.deadline()) is not None and due <= now:
            if self._rings.pass_deadline():
                self._ring_once()
            else:
                self._feed_line(LineInput.RINGING_STOPPED)
                self._rings.reset()
        was_known = self._hook.value is not None
        if self._hook.settle(now):
            happening = LineInput.OFF_HOOK if was_known else LineInput.FOUND_OFF_HOOK
            self._feed_line(happening if self._hook.value else LineInput.ON_HOOK)
        if self._lamp.settle(now):
            self._wait.lamp(now, is_lit=bool(self._lamp.value))
        if self._line_due is not None and now >= self._line_due:
            self._line_due = None
            self._feed_line(LineInput.WRAP_UP_OVER)
        self._wait.pass_deadline(now)
        self._out += self._arbiter.pass_deadline(now, is_covered=self._wait.is_covering)
        opening = self._coach.record.opening if self._coach.record else None
        for finding in opening.pass_deadline(now) if opening else ():
            self._coach.finding(now, finding)
        while self._time_marks and now >= self._time_marks[0][0]:
            self._coach.nudge(now, "TIME-1", self._time_marks.pop(0)[1], weight=Weight.PATIENT)

    def _next_second(self) -> int | None:
        if not self._is_in_call or not self._coach.record:
            return None
        since = self._wait.muted_at if self._wait.is_muted else self._coach.record.connected_at
        return since + (self._now - since) // 1000 * 1000 + 1000

    # Line

    @property
    def _is_in_call(self) -> bool:
        return self._line in {LineState.CONNECTED, LineState.ON_HOLD}

    def _follow_ring(self, at: int) -> None:
        if self._rings.line(at, is_active=bool(self._ring.value)):
            self._ring_once()

    def _ring_once(self) -> None:
        self._out.append(RingCounted(at=self._now, count=self._rings.count))
        self._feed_line(LineInput.RING)

    def _feed_line(self, happening: LineInput) -> None:
        cell = LINE[self._line][happening]
        if cell.next is not self._line:
            self._line = cell.next
            self._line_due = None
            self._card = self._card if cell.next is LineState.WRAP_UP else None
            self._out.append(LineStateChanged(at=self._now, state=cell.next))
        for act in cell.acts:
            self._do_line(act)

    def _do_line(self, act: LineAct) -> None:
        rings, now = self._rings.count, self._now
        match act:
            case LineAct.MISS:
                self._out.append(CallMissed(at=now, rings=rings))
            case LineAct.ANSWER:
                after_ms = self._hook.changed_at - self._rings.first_at
                self._out.append(CallAnswered(at=now, rings=rings, after_ms=after_ms))
                is_late = rings > self._limits.ringing.amber_to
                self._connect(OpeningCheck(self._limits.opening, self._hook.changed_at, is_late=is_late))
                if is_late:
                    self._coach.ask_late_apology(now)
            case LineAct.DIAL_OUT:
                self._out.append(OutboundBegan(at=now))
                self._connect(None)
                line = self._texts["outbound.script"]
                self._out += self._arbiter.cue(now, "OUT-1", line, screens.script(self._texts, line))
            case LineAct.JOIN:
                self._connect(None)
            case LineAct.HANG_UP:
                self._hang_up()

    def _connect(self, opening: OpeningCheck | None) -> None:
        at = self._hook.changed_at
        self._wait.begin_call()
        times = self._limits.call_time
        self._time_marks = [
            (at + times.warn_ms, self._texts["time.warn"]),
            (at + times.limit_ms, self._texts["time.limit"]),
        ]
        self._coach.begin_call(
            CallRecord(
                connected_at=at,
                rings=self._rings.count,
                opening=opening,
                pace=PaceMeter(self._limits.pace, at),
                is_heard=not self._lost & {Part.TAP, Part.SPEECH},
            )
        )
        self._rings.reset()

    def _hang_up(self) -> None:
        at = self._now
        self._wait.hang_up(at)
        self._out += self._arbiter.end_of_call(at)
        record, self._time_marks = self._coach.record, []
        self._coach.end_call()
        if record:
            record.hold_apologies = self._wait.apologies
            self._card = record.card(at, self._hook.changed_at, self._wait.waited_ms, self._limits.closing)
            self._out.append(self._card)
        self._line_due = at + self._limits.line.wrap_up_ms
        self._follow_ring(at)  # a call that knocked is heard now

    # What is shown

    def _show(self) -> None:
        """Refresh LEDs and screen; only changes are requested."""
        wait, record, now = self._wait, self._coach.record, self._now
        wanted = lights(
            self._line, self._rings.count, wait.mute, self._limits.ringing, is_assumed_muted=wait.is_assumed_muted
        )
        self._out += self._lights.show(now, wanted)
        reading = record.pace.recent() if record else None
        situation = Situation(
            line=self._line,
            rings=self._rings.count,
            mute=wait.mute,
            asks_for=wait.asks_for,
            is_assumed_muted=wait.is_assumed_muted,
            is_unmuting=wait.is_unmuting,
            step=wait.step,
            hold_hint=wait.hint,
            top=self._arbiter.screen,
            call_ms=now - record.connected_at if record else 0,
            muted_ms=now - wait.muted_at,
            pace_per_min=reading.chars_per_min if reading else None,
            card=self._card,
            lost=frozenset(self._lost),
        )
        screen = choose(situation, self._pack, self._station)
        if screen != self._screen:
            self._screen = screen
            self._out.append(ShowScreen(at=now, screen=screen))
