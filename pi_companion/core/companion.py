"""What should the device do now? The one place where the small machines are coupled (law 4).

The whole contract: `handle` takes a fact and returns effects, `deadline` names the time at which a `Tick` is due.
"""

from typing import assert_never

from pi_companion.core import facts
from pi_companion.core.account import Account
from pi_companion.core.buttons import Buttons
from pi_companion.core.cadence import RingCounter
from pi_companion.core.call import LINE, LINE_START, LineAct, LineInput
from pi_companion.core.conversation import Conversation
from pi_companion.core.display import Display
from pi_companion.core.effects import (
    CadenceLearned,
    CallAnswered,
    CallCard,
    CallMissed,
    Effect,
    LineStateChanged,
    OutboundBegan,
    PostureChanged,
    RingCounted,
)
from pi_companion.core.facts import Button, Fact, FactOutOfOrder, Part, Tick
from pi_companion.core.observing import Rang
from pi_companion.core.opening import OpeningCheck
from pi_companion.core.settings import Pack, Station
from pi_companion.core.sides import Sides
from pi_companion.core.states import LineState, Posture
from pi_companion.core.view import Situation
from pi_companion.core.wires import Wires


class Companion:
    """The device's mind. Pure: same facts, same effects."""

    def __init__(self, pack: Pack, station: Station) -> None:
        limits = pack.limits
        self._limits, self._station, self._now = limits, station, 0
        self._out: list[Effect] = []
        self._sides = Sides(has_customer_side=station.customer_side)
        self._wires = Wires(limits)
        self._buttons = Buttons(limits.line.button_settle_ms)
        self._rings = RingCounter(limits.ringing, station.ring_period_ms)
        self._line = LINE_START
        self._line_due: int | None = None
        self._card: CallCard | None = None
        self._posture = Posture.UNKNOWN
        self._conversation = Conversation(pack, station, self._emit, self._feed_line, lambda: self._line)
        self._display = Display(pack, station)
        self._due = self._next_due()

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        """Take a fact, return what follows, in order. Raises `FactOutOfOrder`, unchanged, if time runs back."""
        if fact.at < self._now:
            raise FactOutOfOrder(f"fact at {fact.at} ms after one at {self._now} ms: {type(fact).__name__}")
        self._now = fact.at
        self._out.clear()
        self._pass_deadlines()
        if (turned := self._sides.judge(fact)) is not None:
            self._hear_of(turned)
        if self._sides.counts(fact):
            self._hear_of(fact)
        self._pass_deadlines()
        display = self._display
        self._conversation.settle(fact.at, is_looked_up=display.is_looked_up, is_snoozed=display.is_snoozed)
        self._show()
        self._due = self._next_due()
        return tuple(self._out)

    def _hear_of(self, fact: Fact) -> None:
        self._take(fact)
        self._conversation.observe(fact)

    def deadline(self) -> int | None:
        """Return the time at which a `Tick` is due, or None."""
        return self._due

    def _next_due(self) -> int | None:
        dues = (
            self._wires.deadline(),
            self._rings.deadline(),
            self._line_due,
            self._second_card_at(),
            self._conversation.deadline(),
            self._display.deadline(self._now),
            self._next_second(),
        )
        return min((due for due in dues if due is not None), default=None)

    def _emit(self, effect: Effect) -> None:
        self._out.append(effect)
        if isinstance(effect, PostureChanged):
            self._posture = effect.state

    @property
    def account(self) -> Account:
        """What became of every nudge so far."""
        return self._conversation.arbiter.account

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
                if self._station.mute_lamp:
                    self._look_at_lamp(fact)
            case facts.ButtonPressed() | facts.ButtonReleased() if self._buttons.is_press(fact):
                self._press(fact)
            case facts.PartLost() | facts.PartFound():
                if fact.part is Part.MUTE_LAMP:
                    self._wires.flicker.forget()
                self._lose_or_find(fact)
                if fact.part is Part.OLED and isinstance(fact, facts.PartFound):
                    self._display.forget()
            case facts.WallClockRead():
                self._conversation.take(fact)
                self._display.wall(fact)
            case facts.TalkSpurtBegan() | facts.WordsHeard() | facts.TalkSpurtEnded() | facts.BusyToneHeard():
                self._conversation.take(fact)
            case Tick() | facts.SeatMeasured() | facts.SignalChanged() | facts.ButtonPressed() | facts.ButtonReleased():
                pass
            case _:
                assert_never(fact)  # type: ignore[arg-type] # Fact is open to mypy; a new fact must fail loudly

    def _press(self, fact: facts.ButtonPressed | facts.ButtonReleased) -> None:
        if fact.button is not Button.RESUME:
            self._display.press(fact.at, fact.button, self._conversation.arbiter.last, is_in_call=self._is_in_call)
        elif self._is_in_call:  # on-hook nothing is pressed, whatever the lamp says
            self._conversation.take(fact)

    def _lose_or_find(self, fact: facts.PartLost | facts.PartFound) -> None:
        self._conversation.take(fact)
        if fact.part is Part.MUTE_LAMP:
            self._wires.forget_mute_lamp()

    def _look_at_lamp(self, fact: facts.MuteLampChanged) -> None:
        """One that flickers is lost until it holds still; one whose sense is lost is not looked at."""
        flicker, lamp = self._wires.flicker, self._wires.mute_lamp
        if Part.MUTE_LAMP in self._conversation.lost and not flicker.is_on:
            return
        if flicker.change(fact.at, fact.is_lit):
            self._lose_or_find(facts.PartLost(at=fact.at, part=Part.MUTE_LAMP, detail="the lamp flickers"))
        if not flicker.is_on:
            lamp.change(fact.at, fact.is_lit)
            self._conversation.wait.lamp_moves(lamp.deadline() or fact.at)

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
        if self._wires.flicker.settle(now):
            self._lose_or_find(facts.PartFound(at=now, part=Part.MUTE_LAMP))
            self._wires.mute_lamp.change(self._wires.flicker.turned_at, bool(self._wires.flicker.level))
        if self._wires.mute_lamp.settle(now):
            self._conversation.wait.lamp(now, is_lit=bool(self._wires.mute_lamp.value))
        if self._wires.busy_lamp.settle(now):
            self._feed_line(LineInput.BUSY_LIT if self._wires.busy_lamp.value else LineInput.BUSY_DARK)
        if self._line_due is not None and now >= self._line_due:
            self._line_due = None
            self._feed_line(LineInput.WRAP_UP_OVER)
        self._conversation.pass_deadline(now)
        self._display.pass_deadline(now)

    def _next_second(self) -> int | None:
        if self._line is LineState.AWAY:
            since = self._away_since
        elif self._is_in_call and (record := self._conversation.record):
            wait = self._conversation.wait
            since = wait.muted_at if wait.is_muted else record.connected_at
        else:
            return None
        return since + (self._now - since) // 1000 * 1000 + 1000

    @property
    def _away_since(self) -> int:
        return self._wires.busy_lamp.changed_at

    def _wrapped_up_at(self, now: int) -> int:
        """Return when wrap-up ends: after what is still being read the card has its time, then the checklist."""
        limits = self._limits.line
        checklist_ms = limits.checklist_ms if self._card and self._card.steps_missed else 0
        return self._conversation.arbiter.free_at(now) + limits.wrap_up_ms + checklist_ms

    def _second_card_at(self) -> int | None:
        """Return when the card gives way to the steps that were not heard, while that is still ahead."""
        if self._card is None or not self._card.steps_missed or self._line_due is None:
            return None
        at = self._line_due - self._limits.line.checklist_ms
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
        self._conversation.observe(Rang(at=self._now, count=self._rings.count))
        if (period_ms := self._rings.learned()) is not None:
            self._out.append(CadenceLearned(at=self._now, period_ms=period_ms))

    def _feed_line(self, happening: LineInput) -> None:
        cell = LINE[self._line][happening]
        if cell.next is not self._line:
            self._line, self._line_due = cell.next, None
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
            case LineAct.DIAL_OUT:
                self._out.append(OutboundBegan(at=now))
                self._connect(None, is_outbound=True)
            case LineAct.JOIN:
                self._connect(None, is_joined=True)
            case LineAct.HANG_UP:
                hung_up_at = self._wires.hook.changed_at
                self._card = self._conversation.end(now, hung_up_at, is_snoozed=self._display.is_snoozed)
                self._display.call_ended()
                self._line_due = self._wrapped_up_at(now)
                self._follow_ring(now)  # a call that knocked is heard now

    def _connect(self, opening: OpeningCheck | None, *, is_outbound: bool = False, is_joined: bool = False) -> None:
        self._display.call_began()
        self._conversation.begin(
            self._now,
            self._wires.hook.changed_at,
            rings=self._rings.count,
            opening=opening,
            is_outbound=is_outbound,
            is_joined=is_joined,
        )
        self._rings.reset()

    # What is shown

    def _show(self) -> None:
        """Refresh LEDs and screen; only changes are requested."""
        wait, record, now = self._conversation.wait, self._conversation.record, self._now
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
            top=self._conversation.arbiter.screen,
            is_top_safety=self._conversation.arbiter.is_safety,
            is_seat_empty=self._posture is Posture.ABSENT,
            call_ms=now - record.connected_at if record else 0,
            muted_ms=now - wait.muted_at,
            pace_per_min=reading.chars_per_min if reading else None,
            card=self._card,
            is_second_card=self._second_card_at() is None,
            lost=frozenset(self._conversation.lost),
            away_ms=now - self._away_since,
        )
        self._out += self._display.show(now, situation)
