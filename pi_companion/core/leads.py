"""Is a side dead? Nothing but zeros from it while the other side talks: its lead is out, or its card's input is off.

Keeps law 10: a side that is silent is never taken for somebody who says nothing once it is known to be dead. A working
microphone gives noise; zeros alone prove nothing (a quiet card may round noise to them), so the other side must have
talked for a while, in this call, to somebody whom nobody hears.
"""

from collections.abc import Iterable
from typing import Final

from pi_companion.core import screens
from pi_companion.core.facts import Part, PartLost, Side, SignalChanged, TalkSpurtEnded
from pi_companion.core.observing import Advice, CallBegan, Cue, Happening, Moment
from pi_companion.core.settings import Pack
from pi_companion.core.states import LineState

_OTHER_TALKED_MS: Final = 10000
_OTHER: Final = {Side.AGENT: Side.CUSTOMER, Side.CUSTOMER: Side.AGENT}


class Leads:
    """Says it once a call for each side."""

    def __init__(self, pack: Pack) -> None:
        self._texts = pack.texts
        self._dead: set[Side] = set()
        self._told: set[Side] = set()
        self._talked_ms = dict.fromkeys(Side, 0)

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Follow which sides give anything at all, and who talks."""
        match happening:
            case CallBegan():
                self._told.clear()
                self._talked_ms = dict.fromkeys(Side, 0)
            case PartLost(part=Part.TAP):
                self._dead.clear()
            case SignalChanged():
                (self._dead.discard if happening.is_there else self._dead.add)(happening.side)
            case TalkSpurtEnded():
                self._talked_ms[happening.side] += happening.ended - happening.began
                yield from self._tell(_OTHER[happening.side], moment)
            case _:
                pass

    def deadline(self) -> int | None:
        """Return None: time alone proves nothing."""
        return None

    def pass_deadline(self, _at: int, _moment: Moment) -> Iterable[Advice]:
        """Nothing follows from time alone."""
        return ()

    def _tell(self, side: Side, moment: Moment) -> Iterable[Advice]:
        is_together = moment.line is LineState.CONNECTED and moment.is_heard
        if not is_together or moment.is_muted or moment.is_waiting:
            return
        if side in self._dead - self._told and self._talked_ms[_OTHER[side]] >= _OTHER_TALKED_MS:
            self._told.add(side)
            title, hint = self._texts[f"lead.{side}.title"], self._texts[f"lead.{side}.hint"]
            yield Cue(rule="FAULT", text=title, screen=screens.fault(title, hint), is_urgent=True)
