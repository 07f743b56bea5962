"""Does the device stay honest and gentle through a hostile sequence? The real adapters live through it, and are judged.

Keeps laws 5 and 6 as seen from outside: by the phone's own truth, the closings of its contact, and what the agent and
the customer said; nothing is asked of the device but the effects it shows. `core/mute.py` says why it holds.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from types import TracebackType
from typing import Final, Self

from pi_companion.adapters.line import Line
from pi_companion.adapters.panel import Panel
from pi_companion.bench.board import Board
from pi_companion.bench.hostile_judge import APOLOGY, CONSENT, REFUSAL, REQUEST, Judge, Verdict
from pi_companion.bench.hostile_sequences import Deed, Sequence, Step
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect, PressMute, ReleaseMute, SetLeds
from pi_companion.core.facts import (
    Button,
    Fact,
    Part,
    PartFound,
    PartLost,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    WordsHeard,
)
from pi_companion.core.settings import Family, Pack, Station
from pi_companion.packs import load_pack
from pi_companion.pinout import Pinout
from pi_companion.session.scripted import words
from pi_companion.shell import Shell

CALM_MS: Final = 5000
"""The world is left alone for this long at the end."""

_NO_PRESS_MS: Final = 1500
"""A deed that waits for a press of ours waits no longer."""

_SPOKEN_MS: Final = 300
_ANSWER_MS: Final = 700
_FAMILIES: Final = {Family.HOLD_REQUEST, Family.APOLOGY, Family.CONSENT, Family.REFUSAL}


@cache
def key_pack() -> Pack:
    """The bundled pack without the rules that never move the key: many times as many sequences in the same time."""
    pack = load_pack(None, names={"agent_name": ""})
    return replace(pack, rules=tuple(rule for rule in pack.rules if rule.family in _FAMILIES))


class _Phone(DeskPhone):
    """Tells of every closing of the contact, however short."""

    def __init__(self, sequence: Sequence, told: Callable[[int, bool], None]) -> None:
        super().__init__(mute_lamp=sequence.mute_lamp, key_delay_ms=sequence.key_delay_ms, faults=sequence.faults)
        self._told = told

    def contact(self, at: int, closed: bool) -> None:
        super().contact(at, closed)
        self._told(at, closed)


class HostileDesk:
    """A companion on a simulated board, at a desk where everything goes wrong. Use it as a context manager."""

    def __init__(self, sequence: Sequence, new_mind: Callable[[Pack, Station], Companion] = Companion) -> None:
        self._sequence = sequence
        self._now = self._presses_before = 0
        self._lost: set[Part] = set()
        pack = key_pack()
        pinout = Pinout()
        self.phone = _Phone(sequence, lambda at, closed: self._judge.contact(at, is_closed=closed))
        self._judge = Judge(sequence, self.phone, pack)
        self._board = Board(pinout, self.phone)
        self._panel = Panel(pinout, self._board.factory)
        mind = new_mind(pack, Station(mute_lamp=sequence.mute_lamp))
        self._shell = Shell(mind, (self._perform, self._judge.effect), (self._judge.fact,))
        self._line = Line(pinout, self._board.factory, self._deliver, self._board.milliseconds_of)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._panel.close()
        self._line.close()
        self._board.close()

    def live(self) -> Verdict:
        """Live through the sequence, leave the world alone for `CALM_MS`, and return what is to be said about it."""
        self._line.reread()
        for step in self._sequence.steps:
            self._await(step)
            self._presses_before = self.phone.presses
            self._do(step.deed)
        self._go(max(self._now, self._sequence.quiet_from) + CALM_MS)
        is_sensed = self._sequence.mute_lamp and Part.MUTE_LAMP not in self._lost
        return self._judge.verdict(self._now, is_lit=self.phone.is_lamp_lit if is_sensed else None)

    def _await(self, step: Step) -> None:
        if not step.is_after_press:
            self._go(self._now + step.after_ms)
            return
        if self.phone.presses == self._presses_before:
            presses = self._presses_before
            self._go(self._now + _NO_PRESS_MS, is_over=lambda: self.phone.presses > presses)
        self._go(max(self._now, self._judge.pressed_at + step.after_ms))

    def _go(self, until: int, is_over: Callable[[], bool] = lambda: False) -> None:
        """Let everything come that is due, each at its time."""
        while not is_over():
            known = [
                (due, happen)
                for due, happen in (
                    (self.phone.next_at(), self.phone.advance),
                    (self._shell.deadline(), self._shell.pass_time),
                    (self._panel.deadline(), self._panel.pass_time),
                )
                if due is not None and due <= until
            ]
            at, happen = min(known, key=lambda due: due[0], default=(until, None))
            self._now = at
            self._board.set_time(at)
            if happen is None:
                break
            happen(at)
            self._judge.settle(at)

    def _do(self, deed: Deed) -> None:
        at = self._now
        match deed:
            case Deed.CONSULT | Deed.UNCLEAR:
                self._say(Side.AGENT, REQUEST)
                self._go(at + _ANSWER_MS)
                self._say(Side.CUSTOMER, CONSENT if deed is Deed.CONSULT else "快的")
            case Deed.ASK | Deed.APOLOGISE | Deed.TALK:
                self._say(Side.AGENT, {Deed.ASK: REQUEST, Deed.APOLOGISE: APOLOGY}.get(deed, "这个报错"))
            case Deed.AGREE | Deed.REFUSE:
                self._say(Side.CUSTOMER, CONSENT if deed is Deed.AGREE else REFUSAL)
            case Deed.OWN_KEY:
                self._judge.own_key(at)
                self.phone.own_mute_key(at)
            case Deed.RESUME:
                self._board.press(Button.RESUME)
            case Deed.HANG_UP | Deed.PICK_UP:
                self.phone.hook(at, off_hook=deed is Deed.PICK_UP)
            case Deed.RING | Deed.RING_STOPS:
                self.phone.ring(at, on=deed is Deed.RING)
            case Deed.LOSE_LAMP | Deed.LOSE_TAP:
                self._lose(Part.MUTE_LAMP if deed is Deed.LOSE_LAMP else Part.TAP)
            case Deed.FIND_LAMP | Deed.FIND_TAP:
                self._find(Part.MUTE_LAMP if deed is Deed.FIND_LAMP else Part.TAP)
        self._judge.settle(self._now)

    def _say(self, side: Side, text: str) -> None:
        if Part.TAP in self._lost:
            return
        at, began = self._now, max(0, self._now - _SPOKEN_MS)
        self._deliver(TalkSpurtBegan(at=at, side=side, began=began))
        self._deliver(WordsHeard(at=at, side=side, words=words(text, began, at), is_final=True))
        self._deliver(TalkSpurtEnded(at=at, side=side, began=began, ended=at, level_dbfs=-20))
        self._judge.settle(at)

    def _lose(self, part: Part) -> None:
        self._lost.add(part)
        if part is Part.MUTE_LAMP:
            self._board.lose_lamp()
        self._deliver(PartLost(at=self._now, part=part, detail="hostile"))

    def _find(self, part: Part) -> None:
        self._lost.discard(part)
        self._deliver(PartFound(at=self._now, part=part))
        if part is Part.MUTE_LAMP:
            self._board.find_lamp()
            self._line.reread()

    def _deliver(self, fact: Fact) -> None:
        self._shell.deliver(fact)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case SetLeds() | PressMute() | ReleaseMute():
                self._panel.perform(effect)
            case _:
                pass


def live(sequence: Sequence) -> Verdict:
    """Live through one sequence."""
    with HostileDesk(sequence) as desk:
        return desk.live()
