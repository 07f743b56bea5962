"""What is usual at this desk? Walks an agent through sitting upright and a short reading, in under two minutes.

The same contract as the companion's: `handle` takes a fact and returns effects, `deadline` names the time of the next
tick. Resume goes on, page skips, snooze stops. What could not be measured stays as it was, and that is said.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pi_companion.core import facts, screens
from pi_companion.core.buttons import Buttons
from pi_companion.core.effects import Effect, ShowScreen
from pi_companion.core.facts import Button, Fact, FactOutOfOrder, Part, Side
from pi_companion.core.measuring import ReadAloud, Refusal, SteadySeat, spoken_characters
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import Screen
from pi_companion.core.steady import Steady

PROMPT_MS: Final = 13000
SIT_MS: Final = 8000
READ_MS: Final = 25000
SILENT_MS: Final = 4000
"""The reading is over when nothing more has come for so long."""

REFUSED_MS: Final = 8000
SHOWN_MS: Final = 3000
LAST_MS: Final = 4000
TRIES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured, named as in the station file; None: it was not, and stays as it is."""

    seat_upright_mm: int | None = None
    speaking_dbfs: int | None = None
    pace_pct: int | None = None


class Step(StrEnum):
    """What is measured, in this order; each has its texts in the pack."""

    SEAT = "seat"
    VOICE = "voice"


class Phase(StrEnum):
    """Where a step is; `last` is the screen at the end, `over` what comes after it."""

    PROMPT = "prompt"
    MEASURING = "measuring"
    REFUSED = "refused"
    SHOWN = "shown"
    LAST = "last"
    OVER = "over"


_NEEDS: Final = {Step.SEAT: Part.SEAT, Step.VOICE: Part.TAP}


class Calibration:
    """Measures what the station has sensors for. Pure: same facts, same effects."""

    def __init__(self, pack: Pack, station: Station) -> None:
        self._texts, self._limits = pack.texts, pack.limits
        self._now = 0
        self._ring = Steady(pack.limits.ringing.settle_ms)
        self._buttons = Buttons(pack.limits.line.button_settle_ms)
        self._lost: set[Part] = set()
        self._last_reading: facts.SeatMeasured | None = None
        self._talks_from: int | None = None
        self._chars = 0
        self._phase, self._measured = Phase.PROMPT, Measured()
        self._screen: Screen | None = None
        self._ahead = [Step.SEAT, Step.VOICE] if station.seat_sensor else [Step.VOICE]
        self._next_step()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to show."""
        return self._phase is Phase.OVER

    @property
    def measured(self) -> Measured:
        """What has been measured so far; nothing once the agent has stopped it."""
        return self._measured

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        """Take a fact, return the screen that follows. Raises `FactOutOfOrder`, unchanged, if time runs back."""
        if fact.at < self._now:
            raise FactOutOfOrder(f"fact at {fact.at} ms after one at {self._now} ms: {type(fact).__name__}")
        self._now = fact.at
        self._pass_deadlines()
        self._take(fact)
        self._pass_deadlines()
        screen = screens.calibration(self._text(self._title), self._says, self._progress())
        if screen == self._screen:
            return ()
        self._screen = screen
        return (ShowScreen(at=fact.at, screen=screen),)

    def deadline(self) -> int | None:
        """Return the time at which a `Tick` is due; None once it is over."""
        if self.is_over:
            return None
        dues = (self._due, self._ring.deadline(), self._known_at(), self._next_second())
        return min(due for due in dues if due is not None)

    # Facts

    def _take(self, fact: Fact) -> None:
        match fact:
            case facts.RingLineChanged():
                self._ring.change(fact.at, fact.is_active)
            case facts.ButtonPressed() | facts.ButtonReleased():
                if self._buttons.is_press(fact):
                    self._press(fact.button)
            case facts.SeatMeasured():
                self._last_reading = fact
                self._seat.reading(fact.at, fact.distance_mm)
            case facts.TalkSpurtBegan(side=Side.AGENT):
                self._talks_from, self._chars = fact.began, 0
            case facts.WordsHeard(side=Side.AGENT, is_final=True):
                self._chars += sum(len(word.syllables) for word in fact.words)
            case facts.TalkSpurtEnded(side=Side.AGENT):
                self._talks_from = None
                if fact.began >= self._began:  # else talk that was going on already
                    self._reading.spurt(
                        fact.began, fact.ended, level_dbfs=fact.level_dbfs, recognised=self._chars, nuclei=fact.nuclei
                    )
            case facts.PartLost():
                self._lost.add(fact.part)
                if self._phase is Phase.MEASURING and fact.part is _NEEDS[self._step]:
                    self._refuse(f"fault.{fact.part}.title")
            case facts.PartFound():
                self._lost.discard(fact.part)
            case _:
                pass

    def _press(self, button: Button) -> None:
        match button:
            case _ if self._phase in {Phase.LAST, Phase.OVER}:
                self._phase = Phase.OVER
            case Button.SNOOZE:
                self._measured = Measured()
                self._finish("calibrate.stopped")
            case Button.PAGE:
                self._next_step()
            case Button.RESUME if self._phase is Phase.MEASURING:
                self._is_read = True
            case Button.RESUME if self._phase is Phase.SHOWN:
                self._next_step()
            case Button.RESUME:
                self._try()

    # Deadlines

    def _pass_deadlines(self) -> None:
        if self._ring.settle(self._now) and self._ring.value and self._phase not in {Phase.LAST, Phase.OVER}:
            self._finish("calibrate.called")
        known_at = self._known_at()
        if known_at is not None and known_at <= self._now:
            self._judge()
        elif self._now >= self._due:
            self._time_is_up()

    def _time_is_up(self) -> None:
        match self._phase:
            case Phase.MEASURING:
                self._judge()
            case Phase.PROMPT | Phase.REFUSED | Phase.SHOWN:
                self._next_step()
            case Phase.LAST | Phase.OVER:
                self._phase = Phase.OVER

    def _known_at(self) -> int | None:
        """Return when there is something to judge, if that is before the time for it is over."""
        if self._phase is not Phase.MEASURING:
            return None
        if self._step is Step.SEAT:
            return self._seat.deadline()
        if self._talks_from is not None:
            return None
        if self._is_read:
            return self._now
        return None if self._reading.last_ended is None else self._reading.last_ended + SILENT_MS

    def _next_second(self) -> int | None:
        due = self._known_at() if self._step is Step.SEAT else None
        return None if due is None else due - (due - self._now - 1) // 1000 * 1000

    # Steps

    def _next_step(self) -> None:
        self._tries = 0
        self._forget()
        if self._ahead:
            self._step = self._ahead.pop(0)
            self._title = f"calibrate.{self._step}"
            self._enter(Phase.PROMPT, PROMPT_MS, f"calibrate.{self._step}_say", "calibrate.start")
        else:
            self._finish("calibrate.nothing" if self._measured == Measured() else "calibrate.done")

    def _try(self) -> None:
        self._tries += 1
        self._forget()
        needed = _NEEDS[self._step]
        if needed in self._lost:
            self._refuse(f"fault.{needed}.title")
        elif self._step is Step.SEAT:
            last = self._last_reading
            if last is not None and self._now - last.at < self._limits.seat.stale_ms:
                self._seat.reading(self._now, last.distance_mm)
            self._enter(Phase.MEASURING, SIT_MS, "calibrate.seat_hold")
        else:
            self._enter(Phase.MEASURING, READ_MS, "calibrate.read", "calibrate.read_on")

    def _forget(self) -> None:
        """Begin to measure anew."""
        self._began, self._is_read = self._now, False
        self._seat = SteadySeat(self._limits.seat.absent_mm)
        self._reading = ReadAloud(self._limits.pace, spoken_characters(self._texts["calibrate.read"]))

    def _judge(self) -> None:
        if self._step is Step.SEAT:
            self._judge_seat()
        else:
            self._judge_reading()

    def _judge_seat(self) -> None:
        due = self._seat.deadline()
        if due is None or due > self._now:
            self._refuse(f"calibrate.{self._seat.refusal}")
        else:
            self._measured = replace(self._measured, seat_upright_mm=self._seat.upright_mm())
            self._enter(Phase.SHOWN, SHOWN_MS, "calibrate.seat_taken", "calibrate.next")

    def _judge_reading(self) -> None:
        level, pace = self._reading.level_dbfs(), self._reading.pace_pct()
        if isinstance(level, Refusal):
            self._refuse(f"calibrate.{level}")
            return
        self._measured = replace(self._measured, speaking_dbfs=level)
        if Part.SPEECH in self._lost:
            self._enter(Phase.SHOWN, SHOWN_MS, "calibrate.level_taken", "calibrate.next")
        elif isinstance(pace, Refusal):
            self._refuse(f"calibrate.{pace}")
        else:
            self._measured = replace(self._measured, pace_pct=pace)
            self._enter(Phase.SHOWN, SHOWN_MS, "calibrate.voice_taken", "calibrate.next")

    def _refuse(self, why: str) -> None:
        if self._tries < TRIES:
            self._enter(Phase.REFUSED, REFUSED_MS, why, "calibrate.again")
        else:
            is_level_known = self._step is Step.VOICE and self._measured.speaking_dbfs is not None
            self._enter(Phase.SHOWN, SHOWN_MS, why, "calibrate.level_only" if is_level_known else "calibrate.kept")

    def _finish(self, how: str) -> None:
        self._title = "calibrate.title"
        self._enter(Phase.LAST, LAST_MS, how)

    def _enter(self, phase: Phase, for_ms: int, says: str, hint: str = "") -> None:
        self._phase, self._due = phase, self._now + for_ms
        self._says, self._hint = self._text(says), self._text(hint)

    # What is shown

    def _progress(self) -> str:
        due = self._known_at() if self._step is Step.SEAT else None
        if due is None:
            return self._hint
        return self._texts["calibrate.seconds"].replace("{seconds}", str(-(-(due - self._now) // 1000)))

    def _text(self, name: str) -> str:
        return self._texts[name] if name else ""
