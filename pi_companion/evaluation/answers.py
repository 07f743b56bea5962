"""What would the device do on a short answer? Labelled clips through the real ear and the real companion (HOLD-2).

    answers.tsv: file, meaning (consent, refusal, neither), text, voice, began_ms, ended_ms

Every clip is the customer's answer to the agent's request in a call of its own; what counts is what the device did:
a press that nobody agreed to is the one mistake it must not make. The start of an answer is lost where a line was
still carrying the agent's voice, so those answers begin early.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from pi_companion.core.companion import Companion
from pi_companion.core.effects import CueShown, Effect, HoldChanged, PressMute
from pi_companion.core.facts import (
    Fact,
    HookChanged,
    MuteLampChanged,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    Tick,
    Word,
    WordsHeard,
)
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import HoldState
from pi_companion.evaluation.conditions import CLEAN, CONDITIONS, Condition, seed
from pi_companion.evaluation.hearing import LEAD_MS, listen
from pi_companion.evaluation.material import Samples
from pi_companion.speech.ear import Recogniser
from pi_companion.speech.phonetics import syllables

_PER_MS: Final = SAMPLE_RATE_HZ // 1000
_REQUEST: Final = "请您稍等不要挂机帮您咨询一下好吗"
_ASKED_FROM, _ASKED_TO, _KNOWN_AFTER_MS, _UNTIL = 17000, 20000, 400, 26000
_LINE_NOISE: Final = 33  # of 32768: -60 dBFS, as in the clips

NewRecogniser = Callable[[], Recogniser]


class Meant(StrEnum):
    """What the customer meant; `silence`: nobody spoke."""

    CONSENT = "consent"
    REFUSAL = "refusal"
    NEITHER = "neither"
    SILENCE = "silence"


class Did(StrEnum):
    """What the device did: pressed MUTE, asked for the button, took it for a refusal, or went on waiting."""

    PRESSED = "pressed"
    ASKED = "asked"
    REFUSED = "refused"
    WAITED = "waited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """An answer. `began`, `ended`: where its sound is, milliseconds of the clip."""

    name: str
    meant: Meant
    text: str
    voice: str
    began: int
    ended: int
    samples: Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the answers come: what the line does to them, how long after the question, how much of the start is lost."""

    name: str
    condition: Condition = CLEAN
    after_ms: int = 600
    lost_ms: int = 0


WAYS: Final = (
    *(Way(name=condition.name, condition=condition) for condition in CONDITIONS.values()),
    Way(name="at once (200 ms)", after_ms=200),
    *(
        Way(name=f"at once, {lost_ms} ms of the start lost", after_ms=200, lost_ms=lost_ms)
        for lost_ms in (100, 200, 300)
    ),
    *(Way(name=f"after a pause, {lost_ms} ms of the start lost", lost_ms=lost_ms) for lost_ms in (100, 200, 300)),
)
"""Every way that is measured.

No ear can tell a 不可以 without its first syllable from 可以. What the device has against it is time: a line that has
just carried the agent's voice loses the start of an answer. In the last three ways there is no such reason.
"""

Confusion = Mapping[tuple[Meant, Did], int]


def load(folder: Path) -> tuple[Clip, ...]:
    """Return the clips of a folder, in the order of its `answers.tsv`."""
    with (folder / "answers.tsv").open(encoding="utf-8", newline="") as rows:
        return tuple(
            Clip(
                name=row["file"],
                meant=Meant(row["meaning"]),
                text=row["text"],
                voice=row["voice"],
                began=int(row["began_ms"]),
                ended=int(row["ended_ms"]),
                samples=soundfile.read(folder / row["file"], dtype="int16")[0],
            )
            for row in csv.DictReader(rows, delimiter="\t")
        )


def silences() -> tuple[Clip, ...]:
    """Return three seconds each of nothing at all, of line noise, and of noise as loud as a far voice."""
    random = np.random.default_rng(seed("silence"))
    return tuple(
        Clip(
            name=f"noise {rms}",
            meant=Meant.SILENCE,
            text="",
            voice="",
            began=300,
            ended=2300,
            samples=np.rint(random.normal(0, rms, 3000 * _PER_MS)).astype(np.int16),
        )
        for rms in (0, _LINE_NOISE, 10 * _LINE_NOISE)
    )


def confusion(
    clips: Iterable[Clip], way: Way, new_recogniser: NewRecogniser, pack: Pack, talk: Samples | None = None
) -> Confusion:
    """Return how often each meaning led to what; `talk`: speech that babble is made of."""
    recogniser = new_recogniser()
    return Counter((clip.meant, did(clip, way, recogniser, pack, talk)) for clip in clips)


def did(clip: Clip, way: Way, recogniser: Recogniser, pack: Pack, talk: Samples | None = None) -> Did:
    """Return what the device did on one answer."""
    sound = _on_the_line(clip, way.lost_ms)
    damaged = way.condition.damage(sound, seed(f"{clip.name} {way.name}"), sound if talk is None else talk)
    shift = _ASKED_TO + way.after_ms - clip.began
    facts = (*_question(), *(_shifted(fact, shift) for fact in listen(damaged, recogniser, Side.CUSTOMER)))
    return _outcome(_play(sorted(facts, key=lambda fact: fact.at), pack))


def _on_the_line(clip: Clip, lost_ms: int) -> Samples:
    """Return a clip with line noise before and after it, and in place of its first `lost_ms`."""
    random = np.random.default_rng(seed(clip.name))
    line = np.rint(random.normal(0, _LINE_NOISE, len(clip.samples) + 2 * LEAD_MS * _PER_MS)).astype(np.int16)
    from_start = clip.samples.copy()
    lost = slice(clip.began * _PER_MS, (clip.began + lost_ms) * _PER_MS)
    from_start[lost] = line[lost]
    line[LEAD_MS * _PER_MS : LEAD_MS * _PER_MS + len(from_start)] = from_start
    return line


def _question() -> tuple[Fact, ...]:
    """Return a call in which the agent asks, from the first hook edge on."""
    known = _ASKED_TO + _KNOWN_AFTER_MS
    each_ms = (_ASKED_TO - _ASKED_FROM) // len(_REQUEST)
    said = tuple(
        Word(
            text=char,
            syllables=syllables(char),
            began=_ASKED_FROM + place * each_ms,
            ended=_ASKED_FROM + (place + 1) * each_ms,
            confidence_pct=100,
        )
        for place, char in enumerate(_REQUEST)
    )
    return (
        HookChanged(at=0, is_off_hook=False),
        MuteLampChanged(at=0, is_lit=False),
        HookChanged(at=1000, is_off_hook=True),
        TalkSpurtBegan(at=_ASKED_FROM + 80, side=Side.AGENT, began=_ASKED_FROM),
        WordsHeard(at=known, side=Side.AGENT, words=said, is_final=True),
        TalkSpurtEnded(at=known, side=Side.AGENT, began=_ASKED_FROM, ended=_ASKED_TO, level_dbfs=-20),
    )


def _shifted(fact: Fact, by_ms: int) -> Fact:
    def later(words: tuple[Word, ...]) -> tuple[Word, ...]:
        return tuple(replace(word, began=word.began + by_ms, ended=word.ended + by_ms) for word in words)

    at = fact.at + by_ms
    match fact:
        case TalkSpurtBegan():
            return replace(fact, at=at, began=fact.began + by_ms)
        case TalkSpurtEnded():
            return replace(fact, at=at, began=fact.began + by_ms, ended=fact.ended + by_ms)
        case WordsHeard():
            return replace(fact, at=at, words=later(fact.words), second=tuple(later(words) for words in fact.second))
        case _:
            return replace(fact, at=at)


def _play(facts: Iterable[Fact], pack: Pack) -> Iterator[Effect]:
    companion = Companion(pack, Station())
    for fact in (*facts, Tick(at=_UNTIL)):
        while (due := companion.deadline()) is not None and due <= fact.at:
            yield from companion.handle(Tick(at=due))
        yield from companion.handle(fact)


def _outcome(effects: Iterable[Effect]) -> Did:
    done = Did.WAITED
    for effect in effects:
        match effect:
            case PressMute():
                return Did.PRESSED
            case HoldChanged(state=HoldState.REFUSED):
                return Did.REFUSED
            case CueShown(rule="HOLD-2"):
                done = Did.ASKED
            case _:
                pass
    return done
