"""What is in a call folder? Reads and checks it whole, and names every mistake with its file and line at once.

    call.toml        title, began (wall clock with offset), licence; [station], [limits.…] overrides; [phone] simulated
    audio.flac       or audio.wav: left the agent's microphone, right the customer; absent: lines only
    speech.jsonl     in place of audio: who talks when, and what is said (`session/scripted.py`)
    lines.jsonl      {"at": 1000, "line": "ring", "value": 1} … in order of `at`; or {"at": …, "fault": "tap_lost"}
    expected.jsonl   the truth, for tests and scores (`session/score.py`); may be absent

Law 2: every time is an integer of milliseconds since the session began. Law 10: a lost part is an event, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pi_companion import reading, schema
from pi_companion.bench.phone_faults import parse_faults
from pi_companion.core.facts import Button, Part
from pi_companion.core.settings import Station
from pi_companion.errors import CallFolderError
from pi_companion.reading import is_folder, is_there
from pi_companion.session import scripted, shapes
from pi_companion.session.scripted import Script
from pi_companion.session.shapes import DISTANCE, FLAG, LEVEL, MS, TABLE, TEXT, TEXTS, WHOLE, Kind, Record, Shape
from pi_companion.session.sound import read_sound
from pi_companion.session.truth import read_truth


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEvent:
    """Something happens on a wire, or the agent touches something. `at`: milliseconds since the session began."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RingEdge(LineEvent):
    """`ring`: the bell begins or stops being driven."""

    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEdge(LineEvent):
    """`hook`: 1 is off-hook."""

    is_off_hook: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyLampEdge(LineEvent):
    """`busy_lamp`: 1 is lit, the phone is in 小休."""

    is_lit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatReading(LineEvent):
    """`seat_mm`: the distance from here on in millimetres; None: the sensor gets no echo."""

    distance_mm: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPress(LineEvent):
    """`button`: a short press of one of the device's own buttons."""

    button: Button


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMuteKey(LineEvent):
    """`phone_mute_key`: the agent presses (or lets go of) the phone's own MUTE key."""

    is_pressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWindow:
    """`part` is lost from `at` on and found again at `until`; None: never."""

    at: int
    part: Part
    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    """How the simulated desk phone behaves.

    `mute_lamp`: whether a lamp sense is fitted. `key_delay_ms`: from contact closed to lamp change. `faults`: those of
    `bench.phone`.
    """

    mute_lamp: bool = True
    key_delay_ms: int = 60
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFolder:
    """A call folder, checked.

    `began`: local wall clock, aware. `station`, `limits`: settings that call.toml overrides. `audio`: None: lines only,
    or lines and the voices of `script`. `truth`: the objects of expected.jsonl in the order of the file; None: no
    such file.
    """

    path: Path
    title: str
    began: datetime
    licence: str
    station: Mapping[str, Any]
    limits: Mapping[str, Any]
    phone: PhoneSettings
    lines: tuple[LineEvent, ...]
    faults: tuple[FaultWindow, ...]
    audio: Path | None
    truth: tuple[Record, ...] | None
    script: Script = ()

    @property
    def unheard(self) -> tuple[tuple[int, int | None], ...]:
        """From when until when the tap is lost, in order; None: for good."""
        return tuple((window.at, window.until) for window in self.faults if window.part is Part.TAP)


_MOST_BYTES: Final = 2 << 20
_AWARE: Final = Kind(
    allowed="a date and time with its offset, like 2026-11-20T16:42:00+08:00",
    accepts=lambda value: isinstance(value, datetime) and value.utcoffset() is not None,
)
_TABLES: Final = dict.fromkeys(("station", "phone", "limits"), TABLE)
_CALL: Final = Shape(required={"title": TEXT, "began": _AWARE}, optional={"licence": TEXT, **_TABLES})
_PHONE: Final = Shape(required={}, optional={"mute_lamp": FLAG, "key_delay_ms": WHOLE, "faults": TEXTS})

_LINE_VALUES: Final[Mapping[str, Kind]] = {
    "ring": LEVEL,
    "hook": LEVEL,
    "busy_lamp": LEVEL,
    "seat_mm": DISTANCE,
    "button": shapes.one_of(tuple(Button)),
    "phone_mute_key": LEVEL,
}
_FAULTS: Final = {
    "tap_lost": Part.TAP,
    "seat_lost": Part.SEAT,
    "oled_lost": Part.OLED,
    "lamp_lost": Part.MUTE_LAMP,
}
_FAULT: Final = Shape(required={"at": MS, "fault": shapes.one_of(_FAULTS)}, optional={"until": MS})


def load(path: Path) -> CallFolder:
    """Return the call folder at `path`, read and checked; the audio's content is checked by `read_audio`.

    Raises `CallFolderError` with every complaint about every file.
    """
    if not is_folder(path):
        wrong = "a file; give the folder it is in" if is_there(path) else "nothing there; a call folder has a call.toml"
        raise CallFolderError(path, [wrong])
    complaints: list[str] = []
    call = _read_call(_text(path / "call.toml", complaints), complaints)
    lines, faults = _read_lines(_text(path / "lines.jsonl", complaints), complaints)
    has_truth = is_there(path / "expected.jsonl")
    truth = read_truth(_text(path / "expected.jsonl", complaints), complaints) if has_truth else None
    sounds = [path / name for name in ("audio.flac", "audio.wav") if is_there(path / name)]
    if len(sounds) > 1:
        complaints.append("found both audio.flac and audio.wav; allowed: one of them")
    has_script = is_there(path / "speech.jsonl")
    script = scripted.read_speech(_text(path / "speech.jsonl", complaints), complaints) if has_script else ()
    if sounds and has_script:
        complaints.append(f"found both {sounds[0].name} and speech.jsonl; allowed: one of them, heard or scripted")
    if complaints:
        raise CallFolderError(path, complaints)
    phone = call.get("phone", {})
    return CallFolder(
        path=path,
        title=call["title"],
        began=call["began"],
        licence=call.get("licence", ""),
        station=MappingProxyType(call.get("station", {})),
        limits=MappingProxyType(call.get("limits", {})),
        phone=PhoneSettings(**{**phone, "faults": tuple(phone.get("faults", ()))}),
        lines=lines,
        faults=faults,
        audio=sounds[0] if sounds else None,
        truth=truth,
        script=script,
    )


def read_audio(folder: CallFolder) -> bytes:
    """Return the folder's audio as interleaved 16-bit little-endian stereo at 16 kHz, left the agent's side.

    Empty for a folder without audio. Raises `CallFolderError` if it is no readable two-channel sound.
    """
    return b"" if folder.audio is None else read_sound(folder.audio)


def _text(file: Path, complaints: list[str]) -> str | None:
    try:
        return reading.text(file, _MOST_BYTES)
    except reading.Unreadable as why:
        told = why if is_there(file) else "is missing; a call folder has call.toml and lines.jsonl"
        complaints.append(f"{file.name} {told}")
    return None


def _read_call(text: str | None, complaints: list[str]) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        call = reading.toml(text)
    except reading.Unreadable as why:
        complaints.append(f"call.toml {why}")
        return {}
    complaints += [f"call.toml: {what}" for what in shapes.differences(call, _CALL)]
    if isinstance(phone := call.get("phone"), dict):
        complaints += [
            f"call.toml [phone]: {what}" for what in (*shapes.differences(phone, _PHONE), *_unknown_faults(phone))
        ]
    if isinstance(station := call.get("station"), dict):
        complaints += [f"call.toml: {what}" for what in schema.build(Station, station, table="station")[1]]
    return call


def _unknown_faults(phone: Record) -> tuple[str, ...]:
    faults = phone.get("faults", [])
    if not TEXTS.accepts(faults):
        return ()  # told already
    try:
        parse_faults(faults)
    except CallFolderError as error:
        return error.complaints
    return ()


def _read_lines(text: str | None, complaints: list[str]) -> tuple[tuple[LineEvent, ...], tuple[FaultWindow, ...]]:
    def complain(number: int, what: str) -> None:
        complaints.append(f"lines.jsonl line {number}: {what}")

    lines: list[LineEvent] = []
    faults: list[FaultWindow] = []
    latest = 0
    for number, record in shapes.objects(text or "", complain):
        if len(complaints) > shapes.MOST_COMPLAINTS:
            break
        wrong = tuple(_wrong_in_line(record))
        for what in wrong:
            complain(number, what)
        at = record.get("at")
        if not shapes.is_whole(at):
            continue
        if at < latest:
            complain(number, f'"at" is {at} after {latest}; allowed: lines in order of "at"')
        latest = max(latest, at)
        if wrong:
            continue
        if "fault" in record:
            faults.append(FaultWindow(at=at, part=_FAULTS[record["fault"]], until=record.get("until")))
        else:
            lines.append(_line_event(at, record["line"], record["value"]))
    return tuple(lines), tuple(faults)


def _wrong_in_line(record: Record) -> list[str]:
    if "fault" in record:
        wrong = list(shapes.differences(record, _FAULT))
        at, until = record.get("at"), record.get("until")
        if shapes.is_whole(at) and shapes.is_whole(until) and until < at:
            wrong.append(f'"until" is {until}, before "at" {at}; allowed: {at} or later, or no "until" at all')
        return wrong
    if "line" not in record:
        return [f'neither "line" nor "fault" in {shapes.shown(record)}; allowed: one of them']
    name = record["line"]
    if not isinstance(name, str) or name not in _LINE_VALUES:
        return [f"unknown line {shapes.shown(name)}{shapes.suggestion(name, _LINE_VALUES)}"]
    return list(shapes.differences(record, Shape(required={"at": MS, "line": TEXT, "value": _LINE_VALUES[name]})))


def _line_event(at: int, name: str, value: Any) -> LineEvent:  # noqa: ANN401 - its shape was checked by name
    match name:
        case "ring":
            return RingEdge(at=at, is_active=bool(value))
        case "hook":
            return HookEdge(at=at, is_off_hook=bool(value))
        case "busy_lamp":
            return BusyLampEdge(at=at, is_lit=bool(value))
        case "seat_mm":
            return SeatReading(at=at, distance_mm=value)
        case "button":
            return ButtonPress(at=at, button=Button(value))
        case _:
            return PhoneMuteKey(at=at, is_pressed=bool(value))
