"""Did the agent repeat the number or the time that the customer said? Asked for once it is late (LISTEN-3).

Recognition errs on either side: numbers are compared by likeness, what was heard with little confidence is not asked
for, and an agent who repeats in pieces, or asked with the number in the question, has repeated it. Law 9: only values
are kept, of what is still to be repeated and of what the agent just said; none is ever shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pi_companion.core import screens
from pi_companion.core.cues import Nudge, Weight
from pi_companion.core.facts import Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Drop, Happening, Moment, Note
from pi_companion.core.settings import Pack
from pi_companion.core.spoken_numbers import Digits, joined, likeness_pm, said_once, spoken
from pi_companion.core.spoken_times import ClockTime

_RULE: Final = "LISTEN-3"
_MOST_NUMBERS: Final = 3  # who dictates more than this has them written down
_LATE_MS: Final = 1000  # that somebody talks is known a moment after they began
_LEAST_PIECE: Final = 2  # fewer digits of the agent's are 一下 and the like misheard


@dataclass(slots=True, kw_only=True)
class _Wanted:
    """Something to be repeated until `due`; while the customer goes on (not `is_fixed`), `due` moves on, too."""

    value: str | ClockTime
    confidence_pct: int
    began: int
    due: int
    is_fixed: bool = False
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """Digits or a time said by the agent."""

    value: str | ClockTime
    confidence_pct: int
    began: int


class Restating:
    """Listens to both sides; `settings.limits.restating`."""

    def __init__(self, pack: Pack) -> None:
        self._limits, self._texts = pack.limits.restating, pack.texts
        self._acknowledgements = pack.acknowledgements
        self._forget()

    def _forget(self) -> None:
        self._wanted: list[_Wanted] = []
        self._said: list[_Said] = []
        self._tail: Digits | None = None
        self._is_customer_talking = False

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Take what either side says."""
        if moment.call is None or not moment.is_understood:
            yield from self._give_up()
            return
        match happening:
            case CallBegan():
                self._forget()
            case CallEnded():
                if any(wanted.is_late for wanted in self._wanted):
                    yield Note(rule=_RULE, is_good=False)
                self._forget()
            case WordsHeard(side=Side.AGENT, is_final=True) if not moment.is_muted:
                yield from self._agent_said(happening)
            case WordsHeard(side=Side.CUSTOMER, is_final=True) if not moment.is_muted and happening.words:
                yield from self._customer_said(happening)
            case TalkSpurtBegan(side=Side.CUSTOMER):
                self._is_customer_talking = True
            case TalkSpurtEnded(side=Side.CUSTOMER):
                self._is_customer_talking = False
                for wanted in self._wanted:
                    if not wanted.is_fixed:
                        wanted.due = happening.ended + self._limits.within_ms
            case _:
                pass

    def deadline(self) -> int | None:
        """Return when something should have been repeated."""
        return min((wanted.due for wanted in self._wanted if self._is_running(wanted)), default=None)

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Ask for what is late; with the customer waiting, or unable to hear it, the agent's time begins anew."""
        self._forget_what_is_over(at)
        for wanted in self._wanted:
            if not self._is_running(wanted) or at < wanted.due:
                continue
            if moment.is_muted or moment.is_waiting:
                wanted.due = at + self._limits.within_ms
            else:
                wanted.is_late = True
                yield self._nudge(wanted)

    def _is_running(self, wanted: _Wanted) -> bool:
        return not wanted.is_late and (wanted.is_fixed or not self._is_customer_talking)

    def _customer_said(self, fact: WordsHeard) -> Iterator[Advice]:
        heard = spoken(fact.words, join_ms=self._limits.join_ms)
        tail, self._tail = self._tail, None
        for digits in heard.digits:
            whole = self._continued(tail, digits)
            if whole.is_number(self._limits.least_digits):
                value = said_once(whole.digits, self._limits.least_digits)
                yield from self._want(value, whole.confidence_pct, whole.began, whole.ended)
            tail = self._tail = whole if whole.is_at_end else None
        for time in heard.times:
            if time.is_definite:
                yield from self._want(time, time.confidence_pct, fact.words[0].began, fact.words[-1].ended)

    def _continued(self, tail: Digits | None, digits: Digits) -> Digits:
        """Return digits with those that they go on from, unless they are the same again."""
        whole = None if tail is None else joined(tail, digits, join_ms=self._limits.join_ms)
        if tail is None or whole is None:
            return digits
        is_again = len(digits.digits) >= self._limits.least_digits and self._is_like(tail.digits, digits.digits)
        if not is_again:
            self._wanted = [wanted for wanted in self._wanted if wanted.value != tail.digits]
        return digits if is_again else whole

    def _want(self, value: str | ClockTime, confidence_pct: int, began: int, ended: int) -> Iterator[Advice]:
        """What the customer said last counts: it takes the place of what it corrects."""
        if confidence_pct < self._limits.sure_pct:
            return
        kept = [wanted for wanted in self._wanted if not self._is_corrected(wanted.value, value)]
        was_late = any(wanted.is_late for wanted in self._wanted if wanted not in kept)
        wanted = _Wanted(value=value, confidence_pct=confidence_pct, began=began, due=ended + self._limits.within_ms)
        self._wanted = [*kept, wanted][-_MOST_NUMBERS:]
        if was_late:
            yield Drop(rule=_RULE)
            yield from self._ask_again()
        self._keep_recent(began)
        if self._is_repeated(wanted):
            yield from self._take_repeated(wanted)

    def _agent_said(self, fact: WordsHeard) -> Iterator[Advice]:
        heard = spoken(fact.words, join_ms=self._limits.join_ms)
        self._said += [
            _Said(digits.digits, digits.confidence_pct, digits.began)
            for digits in heard.digits
            if len(digits.digits) >= (self._limits.least_digits if digits.is_counted else _LEAST_PIECE)
        ]
        self._said += [_Said(time, time.confidence_pct, fact.words[0].began) for time in heard.times]
        self._keep_recent(fact.at)
        if any(sound not in self._acknowledgements for word in fact.words for sound in word.syllables):
            for wanted in self._wanted:
                wanted.is_fixed = True
        for wanted in [wanted for wanted in self._wanted if self._is_repeated(wanted)]:
            yield from self._take_repeated(wanted)

    def _take_repeated(self, wanted: _Wanted) -> Iterator[Advice]:
        self._wanted.remove(wanted)
        if any(said.began >= wanted.began for said in self._said):  # else the agent only asked with it
            yield Note(rule=_RULE, is_good=True)
        if wanted.is_late:
            yield Drop(rule=_RULE)
            yield from self._ask_again()

    def _ask_again(self) -> Iterator[Nudge]:
        """What else is late shares the rule, so its waiting nudge went, too."""
        yield from (self._nudge(wanted) for wanted in self._wanted if wanted.is_late)

    def _is_repeated(self, wanted: _Wanted) -> bool:
        """Where the recogniser was unsure of either, values are not held against each other."""
        said = [said for said in self._said if isinstance(said.value, str) is isinstance(wanted.value, str)]
        unsure = [each for each in said if min(each.confidence_pct, wanted.confidence_pct) < self._limits.exact_pct]
        if isinstance(wanted.value, ClockTime):
            times = (each.value for each in said if isinstance(each.value, ClockTime))
            return bool(unsure) or any(wanted.value.agrees_with(time) for time in times)
        digits = "".join(each.value for each in said if isinstance(each.value, str))
        is_long = sum(len(each.value) for each in unsure if isinstance(each.value, str)) >= self._limits.least_digits
        return is_long or likeness_pm(wanted.value, digits) >= self._limits.like_pm

    def _is_corrected(self, earlier: str | ClockTime, later: str | ClockTime) -> bool:
        if isinstance(earlier, str) and isinstance(later, str):
            return len(earlier) == len(later) or self._is_like(earlier, later)
        return isinstance(earlier, ClockTime) and isinstance(later, ClockTime)

    def _is_like(self, one: str, other: str) -> bool:
        longer, shorter = sorted((one, other), key=len, reverse=True)
        return likeness_pm(longer, shorter) >= self._limits.like_pm

    def _forget_what_is_over(self, now: int) -> None:
        """What no number can go on from, and what answers none that is waited for, is not kept (law 9)."""
        if self._is_customer_talking:
            return
        self._keep_recent(now - _LATE_MS)
        if self._tail and now - self._tail.ended > self._limits.join_ms + _LATE_MS:
            self._tail = None

    def _keep_recent(self, now: int) -> None:
        """Keep what may answer; what is late already is repeated in one go."""
        running = (wanted.began for wanted in self._wanted if not wanted.is_late)
        since = min([now, *running]) - self._limits.within_ms
        self._said = [said for said in self._said if said.began >= since]

    def _nudge(self, wanted: _Wanted) -> Nudge:
        kind = "time" if isinstance(wanted.value, ClockTime) else "number"
        title, say = self._texts[f"nudge.{kind}.title"], self._texts[f"nudge.{kind}.say"]
        return screens.nudge_of(_RULE, title, say, weight=Weight.PATIENT)

    def _give_up(self) -> Iterator[Advice]:
        """Nothing is known any more about what was repeated."""
        if any(wanted.is_late for wanted in self._wanted):
            yield Drop(rule=_RULE)
        self._forget()
