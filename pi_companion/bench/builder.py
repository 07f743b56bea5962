"""How is a call folder made? From a recipe: clips or scripted voices laid on two channels, the wires, and the truth.

    python -m pi_companion.bench.builder RECIPE FOLDER

    title = "…"                                    as in call.toml; so are began, licence and all tables
    rings = [1000, 6000]                           when the bell is driven, a second each
    lines = [{at = 0, line = "seat_mm", value = 600}]         whatever else is in lines.jsonl; no value is null
    say = [
      {at = 7700, line = "hook", value = 1},
      {side = "agent", at = 8300, clip = "../01-clean-call/audio.flac", from = 8400, to = 11117, text = "您好，…"},
      {side = "customer", after = 500, text = "我的电脑开不了机", spots = [["HOLD-2", "好的"]]},
      {after = 1500, tone = "busy", for = 3000},   the customer has hung up
      {after = 0, line = "hook", value = 0},
    ]
    chat = [{at = 20000, until = 90000, agent = "请您再试一次", customer = "还是不行"}]      in turn, all that time
    truth = [{at = 30000, kind = "nudge", rule = "LISTEN-1"}]

`at` or `after` the one before ended (600 ms if neither is there). With clips there is audio: a mono clip of the
customer is put through a telephone line, a two-channel file gives the channel of that side. Without clips the call is
scripted, at 220 ms a character unless `for` says how long. Rings, answers, turns and `spots` are written to the truth.
Same recipe, same clips: same bytes.
"""

import json
import sys
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import soundfile

from pi_companion.bench.clips import Samples, milliseconds, mixed, read_clip
from pi_companion.core.facts import Side
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.errors import CallFolderError, CompanionError
from pi_companion.session import folder as call
from pi_companion.session import shapes
from pi_companion.session.folder import CallFolder
from pi_companion.session.scripted import words
from pi_companion.session.shapes import MS, TABLE, TEXT, WHOLE, Kind, Record, Shape

RING_MS: Final = 1000
CHAR_MS: Final = 220
PAUSE_MS: Final = 600
TAIL_MS: Final = 1000
_RINGING_OVER_MS: Final = 6600

_LIST: Final = Kind(allowed="a list", accepts=lambda value: isinstance(value, list))
_LEVEL: Final = Kind(allowed="whole decibels", accepts=lambda value: isinstance(value, int))
_RECIPE: Final = Shape(
    required={"title": TEXT, "began": Kind(allowed="a date and time", accepts=lambda at: isinstance(at, datetime))},
    optional={"licence": TEXT, "station": TABLE, "phone": TABLE, "limits": TABLE}
    | dict.fromkeys(("rings", "lines", "say", "chat", "truth"), _LIST),
)
_WHEN: Final = {"at": MS, "after": WHOLE}
_TONE: Final = Shape(required={"tone": shapes.one_of(("busy",)), "for": WHOLE}, optional=_WHEN)
_LINE: Final = Shape(required={"line": TEXT, "value": WHOLE}, optional=_WHEN)
_SAY: Final = Shape(
    required={"side": shapes.one_of(tuple(Side)), "text": TEXT},
    optional=_WHEN
    | {"for": WHOLE, "clip": TEXT, "from": MS, "to": MS, "level_dbfs": _LEVEL, "pitch_hz": _LIST, "spots": _LIST},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One row of the recipe, with its place in time. `clip`: its samples, if it has any."""

    began: int
    ended: int
    row: Record
    clip: Samples | None = None

    @property
    def side(self) -> Side:
        """Whose voice it is."""
        return Side(self.row["side"])


def build(recipe: Path, folder: Path) -> CallFolder:
    """Write the call folder of a recipe and return it, loaded. Raises `CallFolderError` for a mistake in either."""
    written = _read(recipe)
    chat = [row for rows in written.get("chat", []) for row in _chat(rows)]
    placed = sorted(_placed([*written.get("say", []), *chat], recipe), key=lambda one: one.began)
    said = [one for one in placed if "side" in one.row]
    tones = [one for one in placed if "tone" in one.row]
    lines = _lines(written, [one for one in placed if "line" in one.row])
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "call.toml", _call_toml(written))
    _write(folder / "lines.jsonl", _jsonl(lines))
    _write(folder / "expected.jsonl", _jsonl(_truth(written, lines, said)))
    if any(one.clip is not None for one in said):
        length_ms = max([*(one.ended for one in placed), *(row["at"] for row in lines)]) + TAIL_MS
        clips = ((one.side, one.began, one.clip) for one in said if one.clip is not None)
        seed = zlib.crc32(written["title"].encode())
        sound = mixed(clips, ((tone.began, tone.ended) for tone in tones), length_ms, seed=seed)
        soundfile.write(folder / "audio.flac", sound, SAMPLE_RATE_HZ, subtype="PCM_16", compression_level=1.0)
    elif said:
        _write(folder / "speech.jsonl", _jsonl(_script([*said, *tones])))
    return call.load(folder)


def _read(recipe: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(recipe.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CallFolderError(recipe, [f"no recipe: {error}"]) from error
    complaints = list(shapes.differences(written, _RECIPE))
    say = written.get("say", [])
    rows = [row for row in say if isinstance(row, dict)] if isinstance(say, list) else []
    for number, row in enumerate(rows, start=1):
        shape = next((shape for name, shape in (("tone", _TONE), ("line", _LINE)) if name in row), _SAY)
        complaints += [f"say {number}: {what}" for what in shapes.differences(row, shape)]
    if len({"clip" in row for row in rows if "side" in row}) > 1:
        complaints.append("say: some with a clip and some without; allowed: a call is heard or scripted")
    if complaints:
        raise CallFolderError(recipe, complaints)
    return written


def _placed(rows: Iterable[Record], recipe: Path) -> Iterator[Placed]:
    free_from = 0
    for row in rows:
        began = row["at"] if "at" in row else free_from + row.get("after", PAUSE_MS)
        clip = None
        if "clip" in row:
            file, side = recipe.parent / row["clip"], Side(row["side"])
            clip = read_clip(file, side, row.get("from", 0), row.get("to"), row.get("level_dbfs"))
        for_ms = _said_for(row) if clip is None else milliseconds(clip)
        free_from = began + for_ms
        yield Placed(began=began, ended=free_from, row=row, clip=clip)


def _said_for(row: Record) -> int:
    usual_ms = CHAR_MS * max(1, len(words(row["text"], 0, 1))) if "text" in row else 0
    for_ms: int = row.get("for", usual_ms)
    return for_ms


def _chat(row: Record) -> Iterator[Record]:
    at, turns = row["at"], cycle((Side.AGENT, Side.CUSTOMER))
    while (ended := at + CHAR_MS * len(words(row[side := next(turns)], 0, 1))) <= row["until"]:
        yield {"side": side, "at": at, "text": row[side]}
        at = ended + PAUSE_MS


# The files


def _script(placed: Iterable[Placed]) -> list[Record]:
    """Return the rows of a speech.jsonl, in order of time."""
    rows: list[Record] = []
    for one in sorted(placed, key=lambda one: one.began):
        if "tone" in one.row:
            rows.append({"at": one.began, "tone": one.row["tone"]})
        else:
            said = {"side": one.row["side"], "began": one.began, "ended": one.ended, "text": one.row["text"]}
            rows.append(said | {name: one.row[name] for name in ("level_dbfs", "pitch_hz") if name in one.row})
    return rows


def _lines(written: Mapping[str, Any], placed: Iterable[Placed]) -> list[Record]:
    lines: list[Record] = []
    for at in written.get("rings", []):
        lines += [{"at": at, "line": "ring", "value": 1}, {"at": at + RING_MS, "line": "ring", "value": 0}]
    lines += [{"at": one.began, "line": one.row["line"], "value": one.row["value"]} for one in placed]
    lines += [row if "fault" in row else {"value": None} | row for row in written.get("lines", [])]
    return sorted(lines, key=lambda row: row["at"])


def _truth(written: Mapping[str, Any], lines: Iterable[Record], said: Iterable[Placed]) -> list[Record]:
    truth: list[Record] = [*_calls(lines), *written.get("truth", [])]
    for one in said:
        text, span = one.row["text"], {"side": one.row["side"], "began": one.began, "ended": one.ended}
        spread = words(text, one.began, one.ended)
        if spread:
            truth.append({"at": one.began, "kind": "turn", **span, "text": text, "chars": len(spread)})
        sounds = "".join(word.text for word in spread)
        for rule, phrase in one.row.get("spots", []):
            plain = "".join(word.text for word in words(phrase, 0, 1))
            if (place := sounds.find(plain)) < 0:
                raise CallFolderError("recipe", [f"spots: {phrase} is not in {text}"])
            began, ended = spread[place].began, spread[place + len(plain) - 1].ended
            spot = {"side": one.row["side"], "phrase": phrase, "began": began, "ended": ended}
            truth.append({"at": ended, "kind": "phrase", "rule": rule, **spot})
    return sorted(truth, key=lambda row: row["at"])


def _calls(lines: Iterable[Record]) -> Iterator[Record]:
    """Yield what truly happened on the line: rings in their count, calls answered, missed and made."""
    count, latest = 0, 0
    for row in [*lines, {"at": sys.maxsize, "line": "end", "value": 0}]:
        at, what = row["at"], (row.get("line"), row.get("value"))
        if count and at - latest > _RINGING_OVER_MS:
            yield {"at": latest + RING_MS + PAUSE_MS, "kind": "missed", "rings": count}
            count = 0
        match what:
            case ("ring", 1):
                count, latest = count + 1, at
                yield {"at": at, "kind": "ring", "count": count}
            case ("hook", 1):
                yield {"at": at, "kind": "answered", "rings": count} if count else {"at": at, "kind": "outbound"}
                count = 0
            case _:
                pass


def _call_toml(written: Mapping[str, Any]) -> str:
    rows = [f"title = {_toml(written['title'])}", f"began = {written['began'].isoformat()}"]
    if "licence" in written:
        rows.append(f"licence = {_toml(written['licence'])}")
    limits = {f"limits.{group}": values for group, values in written.get("limits", {}).items()}
    tables = {table: written[table] for table in ("station", "phone") if table in written} | limits
    for table, values in tables.items():
        rows += ["", f"[{table}]", *(f"{name} = {_toml(value)}" for name, value in values.items())]
    return "".join(f"{row}\n" for row in rows)


def _toml(value: object) -> str:
    """Return a text, number, truth value or list of texts as TOML, which JSON has in common with it."""
    return json.dumps(value, ensure_ascii=False)


def _jsonl(rows: Iterable[Record]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> int:
    """Build one folder; say what is wrong with a recipe, if anything."""
    if len(arguments) != 2:
        print("usage: python -m pi_companion.bench.builder RECIPE FOLDER", file=sys.stderr)
        return 2
    try:
        built = build(Path(arguments[0]), Path(arguments[1]))
    except CompanionError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{built.path}: {built.title}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
