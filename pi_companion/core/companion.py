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
from pi_companion.core.cues import Arbiter
from pi_companion.core.customer_wait import CustomerWait
from pi_companion.core.display import Display
from pi_companion.core.effects import (
    CadenceLearned,
    CallAnswered,
    CallCard,
    CallMissed,
    Effect,
    FaultCleared,
    FaultRaised,
    LineStateChanged,
    OutboundBegan,
    RingCounted,
)
from pi_companion.core.facts import Button, Fact, FactOutOfOrder, Part, Side
from pi_companion.core.observers import Observers
from pi_companion.core.observing import CallBegan, CallEnded, Moment, Rang
from pi_companion.core.opening import OpeningCheck
from pi_companion.core.pace import PaceMeter
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import LineState
from pi_companion.core.view import Situation
from pi_companion.core.wires import Wires


class Companion:
    """The device's mind. Pure: same facts, same effects."""

    def __init__(self, pack: Pack, station: Station) -> None:
        limits = pack.limits
        self._texts, self._limits, self._station = pack.texts, limits, station
        self._now = 0
        self._out: list[Effect] = []
        emit = self._out.append
        self._wires = Wires(limits)
        self._rings = RingCounter(limits.ringing, station.ring_period_ms)
        self._line = LINE_START
        self._line_since = 0
        self._line_due: int | None = None
        self._arbiter = Arbiter(limits.cueing)
        self._observers = Observers(pack, station, self._arbiter, emit, self._moment)
        self._coach = Coach(pack, self._arbiter, emit, self._observers.take)
        self._wait = CustomerWait(pack, station, self._arbiter, emit, self._feed_line)
        self._card: CallCard | None = None
        self._lost: set[Part] = set()
        self._occasion = ""
        self._display = Display(pack, station)

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        """Take a fact, return what follows, in order. Raises `FactOutOfOrder`, unchanged, if time runs back."""
        if fact.at < self._now:
            raise FactOutOfOrder(f"fact at {fact.at} ms after one at {self._now} ms: {type(fact).__name__}")
        self._now = fact.at
        self._out.clear()
        self._pass_deadlines()
        self._take(fact)
        self._observers.take(fact)
        self._pass_deadlines()
        self._settle()
        self._show()
        return tuple(self._out)

    def deadline(self) -> int | None:
        """Return the time at which a `Tick` is due, or None."""
        dues = (
            self._wires.deadline(),
            self._rings.deadline(),
            self._line_due,
            self._second_card_at(),
            self._wait.deadline(),
            self._arbiter.deadline(),
            self._coach.deadline(),
            self._observers.deadline(),
            self._display.deadline(self._now),
            self._next_second(),
        )
        return min((due for due in dues if due is not None), default=None)

    # Facts

    def _take(self, fact: Fact) -> None:
        match fact:
            case facts.RingLineChanged():
                self._wires.ring.change(fact.at, fact.is_active)
            case facts.HookChanged():
                self._wires.hook.change(fact.at, fact.is_off_hook)
            case facts.BusyLampChanged():
                self._wires.busy_lamp.change(fact.at, fact.is_lit)
            case facts.MuteLampChanged():
                if self._station.mute_lamp and Part.MUTE_LAMP not in self._lost:
                    self._wires.mute_lamp.change(fact.at, fact.is_lit)
                    self._wait.lamp_moves(self._wires.mute_lamp.deadline() or fact.at)
            case facts.ButtonPressed(button=Button.RESUME):
                if self._is_in_call:  # on-hook nothing is pressed, whatever the lamp says
                    self._wait.button(fact.at)
            case facts.ButtonPressed():
                self._display.press(fact.at, fact.button, self._arbiter.last, is_in_call=self._is_in_call)
            case facts.PartLost():
                self._lose(fact)
            case facts.PartFound():
                self._find(fact)
            case facts.TalkSpurtBegan():
                self._coach.spurt_began(fact, is_muted=self._wait.is_muted)
            case facts.WordsHeard(side=Side.AGENT):
                self._wait.said(fact.at, self._coach.agent_words(fact, is_muted=self._wait.is_muted))
            case facts.WordsHeard():
                self._coach.customer_words(fact, is_answer=self._wait.wants_answer)
            case facts.TalkSpurtEnded():
                self._pause(fact)
            case facts.WallClockRead():
                self._occasion = fact.occasion
                self._display.wall(fact)
            case facts.Tick() | facts.SeatMeasured() | facts.BusyToneHeard():
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
            self._wires.forget_mute_lamp()
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
                self._wires.forget_mute_lamp()
            case Part.OLED:
                self._display.forget()
            case _:
                pass

    # Deadlines

    def _pass_deadlines(self) -> None:
        now = self._now
        if self._wires.ring.settle(now) and not self._is_in_call:
            self._follow_ring(self._wires.ring.changed_at)
        while (due := self._rings.deadline()) is not None and due <= now:
            if self._rings.pass_deadline():
                self._ring_once()
            else:
                self._feed_line(LineInput.RINGING_STOPPED)
                self._rings.reset()
        was_known = self._wires.hook.value is not None
        if self._wires.hook.settle(now):
            happening = LineInput.OFF_HOOK if was_known else LineInput.FOUND_OFF_HOOK
            self._feed_line(happening if self._wires.hook.value else LineInput.ON_HOOK)
        if self._wires.mute_lamp.settle(now):
            self._wait.lamp(now, is_lit=bool(self._wires.mute_lamp.value))
        if self._wires.busy_lamp.settle(now):
            self._feed_line(LineInput.BUSY_LIT if self._wires.busy_lamp.value else LineInput.BUSY_DARK)
        if self._line_due is not None and now >= self._line_due:
            self._line_due = None
            self._feed_line(LineInput.WRAP_UP_OVER)
        self._wait.pass_deadline(now)
        self._arbiter.pass_deadline(now)
        self._coach.pass_deadline(now)
        self._observers.pass_deadline(now)
        self._display.pass_deadline(now)

    def _settle(self) -> None:
        is_covered = self._wait.is_covering or self._display.is_looked_up
        self._out += self._arbiter.settle(self._now, is_covered=is_covered, is_snoozed=self._display.is_snoozed)

    def _next_second(self) -> int | None:
        if self._line is LineState.AWAY:
            since = self._line_since
        elif self._is_in_call and self._coach.record:
            since = self._wait.muted_at if self._wait.is_muted else self._coach.record.connected_at
        else:
            return None
        return since + (self._now - since) // 1000 * 1000 + 1000

    def _second_card_at(self) -> int | None:
        """Return when the card gives way to the steps that were not heard, while that is still ahead."""
        if self._card is None or not self._card.steps_missed or self._line_due is None:
            return None
        at = self._line_due - self._limits.line.wrap_up_ms // 2
        return at if at > self._now else None

    # Line

    @property
    def _is_in_call(self) -> bool:
        return self._line in {LineState.CONNECTED, LineState.ON_HOLD}

    def _follow_ring(self, at: int) -> None:
        if self._rings.line(at, is_active=bool(self._wires.ring.value)):
            self._ring_once()

    def _ring_once(self) -> None:
        self._out.append(RingCounted(at=self._now, count=self._rings.count))
        self._feed_line(LineInput.RING)
        self._observers.take(Rang(at=self._now, count=self._rings.count))
        if (period_ms := self._rings.learned()) is not None:
            self._out.append(CadenceLearned(at=self._now, period_ms=period_ms))

    def _feed_line(self, happening: LineInput) -> None:
        cell = LINE[self._line][happening]
        if cell.next is not self._line:
            self._line, self._line_since, self._line_due = cell.next, self._now, None
            self._card = self._card if cell.next is LineState.WRAP_UP else None
            self._out.append(LineStateChanged(at=self._now, state=cell.next))
        for act in cell.acts:
            self._do_line(act)
        if self._line is LineState.ON_HOOK and self._wires.busy_lamp.value:
            self._feed_line(LineInput.BUSY_LIT)

    def _do_line(self, act: LineAct) -> None:
        rings, now = self._rings.count, self._now
        match act:
            case LineAct.MISS:
                self._out.append(CallMissed(at=now, rings=rings))
            case LineAct.ANSWER:
                after_ms = self._wires.hook.changed_at - self._rings.first_at
                self._out.append(CallAnswered(at=now, rings=rings, after_ms=after_ms))
                is_late = rings > self._limits.ringing.amber_to
                self._connect(OpeningCheck(self._limits.opening, self._wires.hook.changed_at, is_late=is_late))
                if is_late:
                    self._coach.ask_late_apology(now)
            case LineAct.DIAL_OUT:
                self._out.append(OutboundBegan(at=now))
                self._connect(None, is_outbound=True)
            case LineAct.JOIN:
                self._connect(None, is_joined=True)
            case LineAct.HANG_UP:
                self._hang_up()

    def _connect(self, opening: OpeningCheck | None, *, is_outbound: bool = False, is_joined: bool = False) -> None:
        at = self._wires.hook.changed_at
        self._wait.begin_call()
        self._display.call_began()
        self._coach.begin_call(
            CallRecord(
                connected_at=at,
                rings=self._rings.count,
                opening=opening,
                pace=PaceMeter(self._limits.pace, at, self._station.pace_pct),
                is_heard=not self._lost & {Part.TAP, Part.SPEECH},
            )
        )
        self._rings.reset()
        self._observers.take(CallBegan(at=at, is_outbound=is_outbound, is_joined=is_joined), self._now)

    def _hang_up(self) -> None:
        at = self._now
        self._wait.hang_up(at)
        self._settle()  # what was just offered was about this call
        self._out += self._arbiter.end_of_call(at)
        self._display.call_ended()
        if record := self._coach.record:
            record.hold_apologies = self._wait.apologies
            self._observers.take(CallEnded(at=self._wires.hook.changed_at), at)
            self._card = record.card(at, self._wires.hook.changed_at, self._wait.waited_ms, self._limits)
            self._out.append(self._card)
            if record.is_clean:
                text = self._texts["praise.call"]
                self._out += self._arbiter.praise(at, "CALL", text, screens.praise(text))
        self._coach.end_call()
        self._line_due = at + self._limits.line.wrap_up_ms
        self._follow_ring(at)  # a call that knocked is heard now

    # What is shown

    def _moment(self) -> Moment:
        return Moment(
            line=self._line,
            call=self._coach.record,
            is_muted=self._wait.is_unheard,
            is_waiting=self._wait.is_consulting,
            is_heard=Part.TAP not in self._lost,
            is_understood=not self._lost & {Part.TAP, Part.SPEECH},
            occasion=self._occasion,
        )

    def _show(self) -> None:
        """Refresh LEDs and screen; only changes are requested."""
        wait, record, now = self._wait, self._coach.record, self._now
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
            is_second_card=self._second_card_at() is None,
            lost=frozenset(self._lost),
            away_ms=now - self._line_since,
        )
        self._out += self._display.show(now, situation)
