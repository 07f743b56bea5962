"""A desk for stories: facts in plain words, drawings of who talks, effects collected; no clock, no hardware."""

import re
from collections.abc import Iterable
from functools import cache
from typing import TypeVar

from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect, PhraseSpotted, ShowScreen
from pi_companion.core.facts import (
    Button,
    ButtonPressed,
    Fact,
    HookChanged,
    MuteLampChanged,
    Part,
    PartLost,
    RingLineChanged,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    Tick,
    Word,
    WordsHeard,
)
from pi_companion.core.settings import Family, Pack, Rule, Scope, Station
from pi_companion.core.states import Screen, ScreenName
from pi_companion.packs import load_pack
from pi_companion.session import scripted
from pi_companion.speech.phonetics import compile_phrase, syllables

STATION = Station(agent_name="小李", extension="8012")
HANGOVER_MS = 400
CHAR_MS = 220
SYLLABLE_MS = 200

Kind = TypeVar("Kind", bound=Effect)
words = scripted.words


@cache
def bundled_pack() -> Pack:
    return load_pack(None, names={"agent_name": STATION.agent_name})


def rule(
    *phrases: str,
    excused_by: tuple[str, ...] = (),
    name: str = "R",
    family: Family = Family.TABOO,
    scope: Scope = Scope.CALL,
) -> Rule:
    """A rule of the agent's with such phrases."""
    return Rule(
        id=name,
        family=family,
        side=Side.AGENT,
        scope=scope,
        title="",
        say="",
        phrases=tuple(each for phrase in phrases for each in compile_phrase(phrase, names={})),
        excused_by=tuple(each for phrase in excused_by for each in compile_phrase(phrase, names={}, is_reported=False)),
    )


def spoken(text: str, began: int = 0) -> tuple[Word, ...]:
    """What the recogniser makes of it: words are parted by blanks, each syllable takes 200 ms."""
    found = []
    for word in text.split():
        ended = began + SYLLABLE_MS * len(syllables(word))
        found.append(Word(text=word, syllables=syllables(word), began=began, ended=ended, confidence_pct=100))
        began = ended
    return tuple(found)


class Desk:
    """The companion with its deadlines kept. `done` holds every effect so far."""

    def __init__(self, station: Station = STATION, pack: Pack | None = None, *, is_lamp_lit: bool = False) -> None:
        self.companion = Companion(pack or bundled_pack(), station)
        self.done: list[Effect] = []
        self.deliver(HookChanged(at=0, is_off_hook=False), MuteLampChanged(at=0, is_lit=is_lamp_lit))

    def deliver(self, *facts: Fact) -> None:
        for fact in facts:
            self.wait_until(fact.at)
            self.done += self.companion.handle(fact)

    def wait_until(self, at: int) -> None:
        while (due := self.companion.deadline()) is not None and due <= at:
            self.done += self.companion.handle(Tick(at=due))
            after = self.companion.deadline()
            assert after is None or after > due, "a deadline that does not move on would hang the device"

    def rings(self, count: int, began: int = 1000, *, on_ms: int = 1000, period_ms: int = 5000) -> int:
        """Ring `count` times from `began` on; return when the last burst ended."""
        for ring in range(count):
            at = began + ring * period_ms
            self.deliver(RingLineChanged(at=at, is_active=True), RingLineChanged(at=at + on_ms, is_active=False))
        return began + (count - 1) * period_ms + on_ms

    def hook(self, at: int, *, off: bool) -> None:
        self.deliver(HookChanged(at=at, is_off_hook=off))
        self.wait_until(at + 50)

    def answered_call(self, rings: int = 1) -> int:
        """Ring, pick up, greet properly; return when all that is over."""
        ended = self.rings(rings)
        self.hook(ended + 500, off=True)
        return self.says(Side.AGENT, ended + 1000, "您好电脑中心小李为您服务") + 1000

    def says(self, side: Side, began: int, text: str, *, partial: str = "") -> int:
        """Let a side say `text` from `began` on; return when it ended (known a hangover later)."""
        ended = began + CHAR_MS * max(1, len(text))
        self.deliver(TalkSpurtBegan(at=began + 80, side=side, began=began))
        if partial:
            heard = words(partial, began, began + CHAR_MS * len(partial))
            for at in (began + CHAR_MS * len(partial) + 100, began + CHAR_MS * len(partial) + 200):
                self.deliver(WordsHeard(at=at, side=side, words=heard, is_final=False))
        known = ended + HANGOVER_MS
        if text:
            self.deliver(WordsHeard(at=known, side=side, words=words(text, began, ended), is_final=True))
        self.deliver(TalkSpurtEnded(at=known, side=side, began=began, ended=ended, level_dbfs=-20))
        return ended

    def draws(
        self, began: int, *, agent: str = "", customer: str = "", step_ms: int = 500, is_understood: bool = True
    ) -> int:
        """Let both sides talk as drawn from `began` on, a character a step; return when the drawing ends.

        `#` is talk, `~` an acknowledgement (嗯), `?` a voice without words, `.` silence.
        """
        script = [
            scripted.Speech(
                side=side,
                began=began + step_ms * run.start(),
                ended=began + step_ms * run.end(),
                text="" if "?" in run.group() else run.group().replace("#", "天").replace("~", "嗯"),
            )
            for side, drawing in ((Side.AGENT, agent), (Side.CUSTOMER, customer))
            for run in re.finditer(r"[^.]+", drawing)
        ]
        self.deliver(*scripted.hearing(tuple(script), is_understood=is_understood))
        ended = began + step_ms * max(len(agent), len(customer))
        self.wait_until(ended)
        return ended

    def lamp(self, at: int, *, lit: bool) -> None:
        self.deliver(MuteLampChanged(at=at, is_lit=lit))
        self.wait_until(at + 20)

    def presses(self, at: int, button: Button = Button.RESUME) -> None:
        self.deliver(ButtonPressed(at=at, button=button))

    def loses(self, at: int, part: Part) -> None:
        self.deliver(PartLost(at=at, part=part, detail="test"))

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [effect for effect in self.done if isinstance(effect, kind)]

    def screens(self) -> list[ScreenName]:
        """The names of the screens shown, repeats (timers) folded."""
        names: list[ScreenName] = []
        for effect in self.all(ShowScreen):
            if not names or names[-1] is not effect.screen.name:
                names.append(effect.screen.name)
        return names

    def screen(self) -> Screen:
        return self.all(ShowScreen)[-1].screen

    def rules(self) -> list[str]:
        return [effect.rule for effect in self.all(PhraseSpotted)]


def times(effects: Iterable[Effect]) -> list[int]:
    return [effect.at for effect in effects]
