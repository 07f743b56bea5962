"""What is said to somebody who is called? The script of an outbound call, a line at a time (OUT-1)."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from pi_companion.core import screens
from pi_companion.core.facts import BusyToneHeard, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Drop, Happening, Moment, Note, Prompt, Spotted
from pi_companion.core.settings import Family, Pack
from pi_companion.core.states import LineState

_RULE: Final = "OUT-1"
_MOST_EXCHANGES: Final = 2  # then the talk is about something else
_HELLO_SYLLABLES: Final = 3  # 喂，你好: nothing is asked yet


class _Line(IntEnum):
    """The script's lines: asking for somebody, naming oneself, taking leave of who was not called."""

    ASK = 0
    SELF = 1
    SORRY = 2


_TEXTS: Final = {_Line.ASK: "outbound.ask", _Line.SELF: "outbound.self", _Line.SORRY: "outbound.sorry"}


class OutboundScript:
    """Runs from off-hook on; `settings.limits.outbound`. The pack's rules of family `outbound` stand in its order.

    A line goes when it was said, after its time, and for good when the talk has gone on to something else, the other
    side is asked to wait, or has hung up.
    """

    def __init__(self, pack: Pack) -> None:
        self._limits, self._texts = pack.limits.outbound, pack.texts
        rules = [rule for rule in pack.rules if rule.family is Family.OUTBOUND]
        self._line_of = {id(rule): line for rule, line in zip(rules, _Line, strict=False)}
        self._is_on = False
        self._reset()

    def _reset(self) -> None:
        self._line = _Line.ASK
        self._until: int | None = None
        self._said: set[_Line] = set()
        self._exchanges = self._syllables = 0
        self._is_answered = self._is_unheard = False

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Follow the call from line to line."""
        if isinstance(happening, CallBegan):
            self._reset()
            self._is_on = happening.is_outbound
            if self._is_on:
                yield from self._show(happening.at, _Line.ASK, self._limits.ask_ms)
        if not self._is_on:
            return
        match happening:
            case CallEnded() | BusyToneHeard():
                yield from self._leave()
            case Spotted() if happening.match.rule.family is Family.WRONG_PERSON:
                if self._line is not _Line.SORRY:
                    yield from self._show(happening.at, _Line.SORRY, self._limits.line_ms)
            case Spotted() if (line := self._line_of.get(id(happening.match.rule))) is not None:
                yield from self._says(happening, line, moment)
            case TalkSpurtBegan(side=Side.AGENT):
                self._syllables, self._is_unheard = 0, moment.is_muted
            case WordsHeard(side=Side.AGENT, is_final=True):
                self._syllables += sum(len(word.syllables) for word in happening.words)
            case TalkSpurtEnded(side=Side.AGENT):
                yield from self._pauses(happening.at, moment)
            case TalkSpurtEnded():
                self._is_answered = True
            case _:
                pass
        yield from self.pass_deadline(happening.at, moment)

    def deadline(self) -> int | None:
        """Return when the line has been shown for long enough."""
        return self._until

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Take the line away when its time is over, or the other side waits."""
        if self._is_on and (moment.is_waiting or moment.line is LineState.ON_HOLD):
            yield from self._leave()
        elif self._until is not None and at >= self._until:
            yield from self._hide()

    def _says(self, happening: Spotted, line: _Line, moment: Moment) -> Iterable[Advice]:
        self._said.add(line)
        if line is not _Line.ASK:
            yield Note(rule=_RULE, is_good=True)
        if line is _Line.SORRY and moment.call is not None:
            moment.call.closed_at = happening.match.ended  # the script's own goodbye
        if line is _Line.ASK and self._line is _Line.ASK:
            yield from self._go_on(happening.at)
        elif line is self._line:
            yield from self._hide()

    def _pauses(self, at: int, moment: Moment) -> Iterable[Advice]:
        """The agent has said something; what was said is known only where words are."""
        if self._is_unheard or moment.is_muted or (moment.is_understood and not self._syllables):
            return
        if self._line is _Line.ASK:
            if not moment.is_understood or self._syllables > _HELLO_SYLLABLES:
                yield from self._go_on(at)
        elif self._is_answered:
            self._exchanges, self._is_answered = self._exchanges + 1, False
            if self._exchanges == _MOST_EXCHANGES:
                yield from self._leave()

    def _go_on(self, at: int) -> Iterable[Advice]:
        if _Line.SELF in self._said:
            yield from self._hide()
            self._line, self._exchanges, self._is_answered = _Line.SELF, 0, False
        else:
            yield from self._show(at, _Line.SELF, self._limits.line_ms)

    def _show(self, at: int, line: _Line, for_ms: int) -> Iterable[Advice]:
        self._line, self._until = line, at + for_ms
        self._exchanges, self._is_answered = 0, False
        text = self._texts[_TEXTS[line]]
        yield Prompt(rule=_RULE, text=text, screen=screens.script(self._texts, text), is_urgent=False)

    def _hide(self) -> Iterable[Advice]:
        if self._until is not None:
            self._until = None
            yield Drop(rule=_RULE)

    def _leave(self) -> Iterable[Advice]:
        self._is_on = False
        yield from self._hide()
