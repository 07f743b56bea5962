"""What goes on in a call? Coach, customer's wait and detectors, coupled, and the arbiter that they all ask."""

from collections.abc import Callable
from functools import partial
from typing import Final

from pi_companion.core import facts, screens
from pi_companion.core.call import LineInput
from pi_companion.core.card import CallRecord
from pi_companion.core.coach import Coach
from pi_companion.core.cues import Arbiter
from pi_companion.core.customer_wait import CustomerWait
from pi_companion.core.effects import CallCard, Effect, FaultCleared, FaultRaised
from pi_companion.core.facts import HEARING, Fact, Part, Side
from pi_companion.core.observers import Observers
from pi_companion.core.observing import CallBegan, CallEnded, Happening, Moment
from pi_companion.core.opening import OpeningCheck
from pi_companion.core.pace import PaceMeter
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import LineState, MuteState

Emit = Callable[[Effect], None]

_WORDS: Final = HEARING | {Part.SPEECH}
"""Without one of these nobody knows what is said."""


class Conversation:
    """`emit` takes effects, `move_line` the line's inputs, `line` tells where the line is."""

    def __init__(
        self,
        pack: Pack,
        station: Station,
        emit: Emit,
        move_line: Callable[[LineInput], None],
        line: Callable[[], LineState],
    ) -> None:
        self._texts, self._limits, self._station = pack.texts, pack.limits, station
        self._emit, self._line = emit, line
        self.arbiter = Arbiter(pack.limits.cueing)
        self._observers = Observers(pack, station, self.arbiter, emit, self._moment)
        self._coach = Coach(pack, self.arbiter, emit, self._observers.take)
        self.wait = CustomerWait(pack, station, self.arbiter, emit, move_line)
        self.lost: set[Part] = set()
        self._occasion = ""

    @property
    def record(self) -> CallRecord | None:
        """What is known about the call that is on."""
        return self._coach.record

    def observe(self, happening: Happening) -> None:
        """Let the detectors see what happened."""
        self._observers.take(happening)

    def begin(
        self,
        now: int,
        at: int,
        *,
        rings: int = 0,
        opening: OpeningCheck | None = None,
        is_outbound: bool = False,
        is_joined: bool = False,
    ) -> None:
        """Off-hook since `at`, known at `now`."""
        for effect in self.arbiter.begin_call(now):
            self._emit(effect)
        self.wait.begin_call()
        self._coach.begin_call(
            CallRecord(
                connected_at=at,
                rings=rings,
                opening=opening,
                pace=PaceMeter(self._limits.pace, at, self._station.pace_pct),
                is_heard=not self.lost & _WORDS,
                is_two_sided=self._station.customer_side,
                is_joined=is_joined,
            )
        )
        self._observers.take(CallBegan(at=at, is_outbound=is_outbound, is_joined=is_joined), now)
        if opening is not None and opening.is_late:
            self._coach.ask_late_apology(now)

    def end(self, now: int, at: int, *, is_snoozed: bool) -> CallCard | None:
        """On-hook since `at`, known at `now`; return the call card."""
        self.wait.hang_up(now)
        self.settle(now, is_snoozed=is_snoozed)  # what was just offered was about this call
        for effect in self.arbiter.end_of_call(now):
            self._emit(effect)
        card = None
        if record := self._coach.record:
            record.hold_apologies = self.wait.apologies
            if self.wait.waited_ms:
                record.note("HOLD-4", is_good=self.wait.is_short)
            self._observers.take(CallEnded(at=at), now)
            card = record.card(now, at, self.wait.waited_ms, self._limits)
            self._emit(card)
            if record.is_clean:
                text = self._texts["praise.call"]
                for effect in self.arbiter.praise(now, "CALL", text, screens.praise(text)):
                    self._emit(effect)
        self._coach.end_call()
        self.settle(now, is_snoozed=is_snoozed)  # … and so is what its end brings up
        return card

    def take(self, fact: Fact) -> None:
        """Take what was heard, what the agent presses, what is lost or found, and the time on the wall."""
        match fact:
            case facts.ButtonPressed():
                self.wait.button(fact.at)
            case facts.PartLost():
                self._lose(fact)
            case facts.PartFound():
                self.lost.discard(fact.part)
                self._emit(FaultCleared(at=fact.at, part=fact.part, detail=""))
            case facts.TalkSpurtBegan():
                self._coach.spurt_began(fact, is_muted=self.wait.is_muted)
            case facts.WordsHeard(side=Side.AGENT):
                self.wait.said(fact.at, self._coach.agent_words(fact, is_muted=self.wait.is_muted))
            case facts.WordsHeard():
                self._coach.customer_words(fact, is_answer=self.wait.wants_answer)
            case facts.TalkSpurtEnded():
                self._pause(fact)
            case facts.BusyToneHeard():
                self.wait.customer_leaves(fact.at)
            case facts.WallClockRead():
                self._occasion = fact.occasion
            case _:
                pass

    def _pause(self, fact: facts.TalkSpurtEnded) -> None:
        if fact.side is Side.AGENT:
            self.wait.said(fact.at, self._coach.agent_paused(fact, is_muted=self.wait.is_muted))
            self.wait.agent_paused(fact, has_spoken=self._coach.has_spoken)
            return
        answer = self._coach.customer_paused(fact, is_cut=bool(self.lost & HEARING))
        report = partial(self._coach.report_answer, fact.at, answer)
        self.wait.answered(fact.at, answer, report, is_agent_talking=self._coach.is_agent_talking)

    def _lose(self, fact: facts.PartLost) -> None:
        self._emit(FaultRaised(at=fact.at, part=fact.part, detail=fact.detail))
        self.lost.add(fact.part)
        if fact.part is Part.MUTE_LAMP:
            self.wait.lamp_lost(fact.at)
        if record := self._coach.record:
            record.is_heard = record.is_heard and fact.part not in _WORDS
            if fact.part is not Part.OLED:
                title, hint = self._texts[f"fault.{fact.part}.title"], self._texts[f"fault.{fact.part}.hint"]
                for effect in self.arbiter.cue(fact.at, "FAULT", title, screens.fault(title, hint)):
                    self._emit(effect)

    def settle(self, now: int, *, is_looked_up: bool = False, is_snoozed: bool = False) -> None:
        """Let the arbiter decide about what was offered. `is_looked_up`: the agent reads a page."""
        is_covered = self.wait.is_covering or is_looked_up or self._line() is LineState.RINGING
        for effect in self.arbiter.settle(now, is_covered=is_covered, is_snoozed=is_snoozed):
            self._emit(effect)

    def deadline(self) -> int | None:
        """Return when something of this is due."""
        dues = (self.wait.deadline(), self.arbiter.deadline(), self._coach.deadline(), self._observers.deadline())
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, now: int) -> None:
        """Do what is due."""
        self.wait.pass_deadline(now)
        self.arbiter.pass_deadline(now)
        self._coach.pass_deadline(now)
        self._observers.pass_deadline(now)

    def _moment(self) -> Moment:
        return Moment(
            line=self._line(),
            call=self._coach.record,
            is_muted=self.wait.is_unheard or self.wait.mute is MuteState.DISPUTED,
            is_waiting=self.wait.is_consulting,
            is_heard=not self.lost & HEARING,
            is_understood=not self.lost & _WORDS,
            occasion=self._occasion,
        )
