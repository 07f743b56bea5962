"""What would two ears hear of voices that are only written down? The `speech.jsonl` of a call folder, as facts.

    {"side": "customer", "began": 12000, "ended": 15000, "text": "我的工号是三零二五七八"}
    {"side": "agent", "began": 16000, "ended": 18000, "text": "", "level_dbfs": -22, "pitch_hz": [180, 240]}
    {"at": 60000, "tone": "busy"}

A script of lines and spurts: nothing is recognised, so nothing is shown about recognising. Words are spread evenly
over their spurt and are known when they have been said; without text it is a voice whose words nobody understands.
There is no second recogniser: one that always agreed would let phrases pass that were not said.
Law 3's limits hold here too: onset, hangover and the longest spurt are those of a real ear.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pi_companion.core.facts import BusyToneHeard, Fact, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.framer import FRAME_MS
from pi_companion.core.spurts import SpurtLimits
from pi_companion.session import shapes
from pi_companion.session.shapes import MS, TEXT, Kind, Record, Shape
from pi_companion.speech.phonetics import syllables

USUAL_DBFS: Final = -20
"""Level of a voice whose script says nothing about it."""

PARTIAL_MS: Final = 200
"""How often an unfinished hypothesis comes."""

TONE_KNOWN_MS: Final = 1100
"""A busy tone is known soon after its second burst of 350 ms, the pause between them as long (`speech/tones.py`)."""

_LIMITS: Final = SpurtLimits()
_SWEEP_MS: Final = 2000
"""A scripted pitch goes from its lowest to its highest and back in this time."""

_CENTS_FROM_HZ: Final = 55

Window = tuple[int, int | None]
"""From when until when; None: for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One voice without a pause; `pitch_hz`: the lowest and the highest of it, None: no clear pitch."""

    side: Side
    began: int
    ended: int
    text: str = ""
    level_dbfs: int = USUAL_DBFS
    pitch_hz: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyTone:
    """From `at` on the exchange tells the agent that the customer has hung up."""

    at: int


Script = tuple[Speech | BusyTone, ...]


def words(text: str, began: int, ended: int) -> tuple[Word, ...]:
    """Return one word for each character that has a sound, spread evenly, heard without doubt."""
    said = [char for char in text if syllables(char)]
    sounds = syllables(text)
    span = ended - began
    return tuple(
        Word(
            text=char,
            syllables=(sound,),
            began=began + span * place // len(said),
            ended=began + span * (place + 1) // len(said),
            confidence_pct=100,
        )
        for place, (char, sound) in enumerate(zip(said, sounds, strict=True))
    )


def hearing(script: Script, *, is_understood: bool = True, lost: Sequence[Window] = ()) -> tuple[Fact, ...]:
    """Return the facts that an ear on each side would give, at the times it would, in order.

    `is_understood` False: there is no recogniser. `lost`: while nothing could be heard; what is said then is cut.
    """
    facts: list[Fact] = []
    for said in script:
        match said:
            case Speech():
                for began, ended, known in _spurts(said.began, said.ended, lost):
                    facts += _spurt(said, began, ended, known, is_understood=is_understood)
            case BusyTone():
                known = said.at + TONE_KNOWN_MS
                if not any(at <= known and (until is None or until > said.at) for at, until in lost):
                    facts.append(BusyToneHeard(at=known, began=said.at))
    return tuple(sorted(facts, key=lambda fact: fact.at))


def _spurts(began: int, ended: int, lost: Sequence[Window]) -> Iterator[tuple[int, int, int]]:
    """Yield begin, end and when the end is known of each spurt that an ear makes of this."""
    ends = [*(at for at, _until in lost if at >= began), math.inf]
    for start, stop in _outside(began, ended, lost):
        while stop - start > _LIMITS.longest_ms:
            cut = start + _LIMITS.longest_ms
            yield start, cut, cut
            start = cut  # noqa: PLW2901 - the rest of it is the next spurt
        if stop - start >= _LIMITS.onset_ms:
            lost_at = min(at for at in ends if at >= stop)
            yield start, stop, int(min(stop + _LIMITS.hangover_ms, start + _LIMITS.longest_ms, lost_at))


def _outside(began: int, ended: int, lost: Sequence[Window]) -> Iterator[tuple[int, int]]:
    for at, until in lost:
        if at >= ended or (until is not None and until <= began):
            continue
        if began < at:
            yield began, at
        if until is None or until >= ended:
            return
        began = until
    yield began, ended


def _spurt(said: Speech, began: int, ended: int, known: int, *, is_understood: bool) -> Iterator[Fact]:
    yield TalkSpurtBegan(at=began + _LIMITS.onset_ms, side=said.side, began=began)
    whole = words(said.text, said.began, said.ended)
    heard = tuple(word for word in whole if began <= word.began and word.ended <= ended)
    if is_understood:
        yield from _partials(said.side, heard, began, known)
        yield WordsHeard(at=known, side=said.side, words=heard, is_final=True)
    yield TalkSpurtEnded(
        at=known,
        side=said.side,
        began=began,
        ended=ended,
        level_dbfs=said.level_dbfs,
        nuclei=len(heard),
        pitches_cents=_pitches(said, began, ended),
    )


def _partials(side: Side, heard: Sequence[Word], began: int, known: int) -> Iterator[Fact]:
    before: tuple[Word, ...] = ()
    for at in range(began + PARTIAL_MS, known, PARTIAL_MS):
        so_far = tuple(word for word in heard if word.ended <= at)
        if so_far != before:
            yield WordsHeard(at=at, side=side, words=so_far, is_final=False)
        before = so_far


def _pitches(said: Speech, began: int, ended: int) -> tuple[int, ...]:
    """Return a sweep of the agent's pitch, one value a frame; an ear looks at no other voice's."""
    if said.pitch_hz is None:
        return ()
    low, high = (1200 * math.log2(hz / _CENTS_FROM_HZ) for hz in said.pitch_hz)
    shares = (abs((at - said.began) % _SWEEP_MS / (_SWEEP_MS / 2) - 1) for at in range(began, ended, FRAME_MS))
    return tuple(round(high + (low - high) * share) for share in shares)


# speech.jsonl

_LEVEL: Final = Kind(
    allowed="whole decibels from -96 to 0",
    accepts=lambda value: isinstance(value, int) and not isinstance(value, bool) and -96 <= value <= 0,
)
_PITCH: Final = Kind(
    allowed="the lowest and the highest pitch in Hz, like [180, 240], between 60 and 500",
    accepts=lambda value: (
        isinstance(value, list)
        and len(value) == 2
        and all(shapes.is_whole(hz) and 60 <= hz <= 500 for hz in value)
        and value[0] <= value[1]
    ),
)
_SPEECH: Final = Shape(
    required={"side": shapes.one_of(tuple(Side)), "began": MS, "ended": MS},
    optional={"text": TEXT, "level_dbfs": _LEVEL, "pitch_hz": _PITCH},
)
_TONE: Final = Shape(required={"at": MS, "tone": shapes.one_of(("busy",))})


def read_speech(text: str | None, complaints: list[str]) -> Script:
    """Return the script of a speech.jsonl; what is wrong with a line goes to `complaints`."""

    def complain(number: int, what: str) -> None:
        complaints.append(f"speech.jsonl line {number}: {what}")

    script: list[Speech | BusyTone] = []
    latest, silent_since = 0, dict.fromkeys(Side, 0)
    for number, record in shapes.objects(text or "", complain):
        if len(complaints) > shapes.MOST_COMPLAINTS:
            break
        is_tone = "tone" in record
        wrong = list(shapes.differences(record, _TONE if is_tone else _SPEECH))
        time = "at" if is_tone else "began"
        at = record.get(time)
        if shapes.is_whole(at):
            if at < latest:
                wrong.append(f'"{time}" is {at} after {latest}; allowed: lines in order of time')
            latest = max(latest, at)
        if not wrong and not is_tone:
            wrong += _wrong_in_speech(record, silent_since)
        _tell(number, wrong, complain)
        if not wrong:
            script.append(BusyTone(at=record["at"]) if is_tone else _speech(record))
    return tuple(script)


def _tell(number: int, wrong: Iterable[str], complain: Callable[[int, str], None]) -> None:
    for what in wrong:
        complain(number, what)


def _wrong_in_speech(record: Record, silent_since: dict[Side, int]) -> Iterator[str]:
    side, began, ended = Side(record["side"]), record["began"], record["ended"]
    if ended - began < _LIMITS.onset_ms:
        yield f'"ended" is {ended}, "began" {began}; allowed: {_LIMITS.onset_ms} ms or more, less is heard as no voice'
    gap = began - silent_since[side]
    if silent_since[side] and gap < _LIMITS.hangover_ms:
        least = f"{_LIMITS.hangover_ms} ms or more, or one line for both"
        yield f"begins {gap} ms after the {side}'s last voice ended; allowed: {least}"
    silent_since[side] = max(ended, silent_since[side])
    if side is Side.CUSTOMER and "pitch_hz" in record:
        yield "\"pitch_hz\" on the customer's side; allowed: on the agent's, an ear looks at no other"
    if (text := record.get("text", "")) and not syllables(text):
        yield f'"text" is {shapes.shown(text)}; allowed: words in Chinese characters, or nothing'


def _speech(record: Record) -> Speech:
    pitch = record.get("pitch_hz")
    return Speech(
        side=Side(record["side"]),
        began=record["began"],
        ended=record["ended"],
        text=record.get("text", ""),
        level_dbfs=record.get("level_dbfs", USUAL_DBFS),
        pitch_hz=None if pitch is None else (pitch[0], pitch[1]),
    )
