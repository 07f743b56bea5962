"""How does the call end? The line to close with, the wish before days off, and who hangs up first (CLOSE-1 to -3).

Keeps law 10: who hung up first is known by the exchange's tone, or by a voice just before; otherwise nobody knows.
"""

from collections.abc import Iterable
from typing import Final

from pi_companion.core import screens
from pi_companion.core.card import CallRecord
from pi_companion.core.facts import BusyToneHeard, Side, WordsHeard
from pi_companion.core.observing import (
    Advice,
    CallBegan,
    CallEnded,
    Cue,
    Drop,
    Happening,
    Moment,
    Note,
    Prompt,
    Spotted,
)
from pi_companion.core.settings import Family, Pack
from pi_companion.core.states import LineState
from pi_companion.core.voices import Voices

_GOODBYE: Final = "CLOSE-3"
"""The customer's rule that is a goodbye: the others may be a polite turn in mid-call."""


class ClosingCheck:
    """Watches the goodbye of inbound calls; `settings.limits.closing`."""

    def __init__(self, pack: Pack) -> None:
        self._pack, self._limits, self._texts = pack, pack.limits.closing, pack.texts
        self._begin(CallBegan(at=0, is_joined=True))

    def _begin(self, call: CallBegan) -> None:
        self._is_inbound = not call.is_outbound and not call.is_joined
        self._voices = Voices(self._pack.acknowledgements)
        self._has_customer_left = False
        self._closed_at: int | None = None
        self._wished_at: int | None = None
        self._taken: set[str] = set()
        self._goodbye_at: int | None = None
        self._shown: tuple[str, int] | None = None

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Show the line when the customer takes leave; at the end of the call tell how it ended."""
        if isinstance(happening, CallBegan):
            self._begin(happening)
        self._voices.take(happening, moment)
        match happening:
            case Spotted():
                yield from self._spot(happening, moment)
            case WordsHeard(side=Side.CUSTOMER):
                if self._goes_on_since(self._goodbye_at):
                    self._goodbye_at = None
                if self._shown and self._goes_on_since(self._shown[1]):
                    yield from self._hide()
            case BusyToneHeard():
                self._has_customer_left = True
                yield from self._hide()
            case CallEnded():
                yield from self._hide()
                yield from self._judge(happening.at, moment)
            case _:
                pass
        yield from self.pass_deadline(happening.at, moment)

    def deadline(self) -> int | None:
        """Return when the line has been shown for long enough."""
        return self._shown[1] + self._limits.line_ms if self._shown else None

    def pass_deadline(self, at: int, moment: Moment) -> Iterable[Advice]:
        """Take the line away when its time is over, or the customer waits."""
        due = self.deadline()
        if due is not None and (at >= due or moment.is_waiting or moment.line is LineState.ON_HOLD):
            yield from self._hide()

    # The line

    def _spot(self, happening: Spotted, moment: Moment) -> Iterable[Advice]:
        rule = happening.match.rule
        match rule.family:
            case Family.FAREWELL:
                if rule.id == _GOODBYE:
                    self._goodbye_at = happening.at
                if rule.id not in self._taken and self._may_close(happening.at, moment):
                    self._taken.add(rule.id)  # once each: a polite turn leaves the goodbye its line
                    yield from self._show(happening.at, self._pack.wishes.get(moment.occasion, ""))
            case Family.CLOSING:
                self._closed_at = happening.match.ended
                yield from self._hide()
            case Family.WISH:
                self._wished_at = happening.match.ended
            case _:
                pass

    def _may_close(self, at: int, moment: Moment) -> bool:
        is_closed = self._closed_at is not None and at - self._closed_at <= self._limits.window_ms
        is_free = self._is_inbound and not moment.is_waiting and moment.line is not LineState.ON_HOLD
        return is_free and not is_closed and self._shown is None

    def _show(self, at: int, wish: str) -> Iterable[Advice]:
        rule = "CLOSE-2" if wish else "CLOSE-1"
        text = self._texts["closing.wish_line"].replace("{wish}", wish) if wish else self._texts["closing.line"]
        self._shown = (rule, at)
        yield Prompt(rule=rule, text=text, screen=screens.script(self._texts, text), is_urgent=False)

    def _hide(self) -> Iterable[Advice]:
        if self._shown is not None:
            rule, self._shown = self._shown[0], None
            yield Drop(rule=rule)

    def _goes_on_since(self, at: int | None) -> bool:
        """Whether the customer has said something more since then: it was no goodbye."""
        last = self._voices.last.get(Side.CUSTOMER)
        return at is not None and last is not None and last.says_from is not None and last.began > at

    # The end

    def _judge(self, at: int, moment: Moment) -> Iterable[Advice]:
        call = moment.call
        if call is None or not self._is_inbound:
            return
        if Side.CUSTOMER not in self._voices.has_spoken:
            return  # nobody to take leave of: the agent is right to hang up (OPEN-3)
        yield from self._judge_wish(at, call, moment.occasion)
        call.customer_hung_up_first = self._was_customer_first(at, moment)
        if call.customer_hung_up_first is not None:
            yield Note(rule="CLOSE-3", is_good=call.customer_hung_up_first)
        if call.customer_hung_up_first is False:
            title = self._texts["nudge.hang_up.title"]
            yield Cue(rule="CLOSE-3", text=title, screen=screens.nudge(title, ""))

    def _judge_wish(self, at: int, call: CallRecord, occasion: str) -> Iterable[Advice]:
        if occasion in self._pack.wishes and call.is_heard:
            call.wish = self._wished_at is not None and at - self._wished_at <= self._limits.window_ms
            yield Note(rule="CLOSE-2", is_good=call.wish)

    def _was_customer_first(self, at: int, moment: Moment) -> bool | None:
        if self._has_customer_left:
            return True
        customer, silent_since = self._voices.last.get(Side.CUSTOMER), self._voices.ended_at()
        if not moment.is_heard or customer is None or silent_since is None:
            return None
        if customer.ended is None:
            return False
        may_have_left = at - silent_since >= self._limits.line_clear_ms and not self._voices.is_talking(Side.AGENT)
        if self._is_goodbye(customer.began, customer.ended):  # who answers it may be talking to nobody
            may_have_left = at - customer.ended >= self._limits.goodbye_clear_ms
        return None if may_have_left else False

    def _is_goodbye(self, began: int, ended: int) -> bool:
        """Whether the customer's last words were one: recognised, or short and in answer to the agent's closing."""
        is_answer = self._closed_at is not None and ended > self._closed_at
        return self._goodbye_at is not None or (is_answer and ended - began <= self._limits.goodbye_most_ms)
