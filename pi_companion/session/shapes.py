"""Is a record as its format says? Shapes as data, and every difference at once, in words a person can act on.

Used for `call.toml`, `lines.jsonl` and `expected.jsonl`; knows nothing of what the records mean.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, TypeGuard

Record = Mapping[str, Any]
"""A decoded object; what its fields may hold is said by its `Shape`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one field may hold: `allowed` in words, `accepts` in code."""

    allowed: str
    accepts: Callable[[object], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The fields that a record must have, and those that it may have."""

    required: Mapping[str, Kind]
    optional: Mapping[str, Kind] = field(default_factory=dict)


def is_whole(value: object) -> TypeGuard[int]:
    """Return whether this is an integer of 0 or more; JSON's true is not 1 here."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def one_of(names: Collection[str]) -> Kind:
    """Return the kind of a field that holds one of these names."""
    return Kind(allowed=" | ".join(names), accepts=lambda value: isinstance(value, str) and value in names)


LONGEST_MS: Final = 24 * 60 * 60 * 1000
"""A session lasts a day at most: what is due later would keep a replay busy for ever."""

MOST_COMPLAINTS: Final = 100
"""Who reads a file stops after so many: a file of another kind has something wrong in every line."""

_LARGEST: Final = 1_000_000_000

WHOLE: Final = Kind(allowed=f"an integer, 0 to {_LARGEST}", accepts=lambda value: is_whole(value) and value <= _LARGEST)
MS: Final = Kind(
    allowed=f"whole milliseconds since the session began, 0 to {LONGEST_MS}, a day",
    accepts=lambda value: is_whole(value) and value <= LONGEST_MS,
)
LEVEL: Final = Kind(allowed="0 or 1", accepts=lambda value: is_whole(value) and value in {0, 1})
DISTANCE: Final = Kind(
    allowed="whole millimetres or null", accepts=lambda value: value is None or (is_whole(value) and value <= _LARGEST)
)
TEXT: Final = Kind(allowed="text", accepts=lambda value: isinstance(value, str))
FLAG: Final = Kind(allowed="true or false", accepts=lambda value: isinstance(value, bool))
TABLE: Final = Kind(allowed="a table", accepts=lambda value: isinstance(value, dict))
TEXTS: Final = Kind(
    allowed="a list of texts",
    accepts=lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
)


def differences(record: Record, shape: Shape) -> Iterator[str]:
    """Yield one complaint for each unknown, missing or wrong field of `record`."""
    known = {**shape.required, **shape.optional}
    for name, value in record.items():
        if name not in known:
            yield f"unknown key {shown(name)}{suggestion(name, known)}"
        elif not known[name].accepts(value):
            yield f'"{name}" is {shown(value)}; allowed: {known[name].allowed}'
    for name, kind in shape.required.items():
        if name not in record:
            yield f'"{name}" is missing; allowed: {kind.allowed}'


def suggestion(found: object, names: Collection[str]) -> str:
    """Return the end of a complaint about a wrong name: the one that was probably meant, or all."""
    near = get_close_matches(str(found), names, n=1)
    return f"; did you mean {shown(near[0])}?" if near else f"; allowed: {' | '.join(names)}"


def shown(value: object) -> str:
    """Return a value as its file would have it, on one line and not too long."""
    return _short(json.dumps(value, ensure_ascii=False, default=str))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


def objects(text: str, complain: Callable[[int, str], None]) -> Iterator[tuple[int, Record]]:
    """Yield the objects of a JSON Lines text with their line numbers from 1; blank lines are fine.

    `complain(line, what)` is told of every line that is no JSON object; such a line is left out. Of a text with more
    than `MOST_COMPLAINTS` of them the rest is left unread.
    """
    wrong = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if wrong > MOST_COMPLAINTS:
            return
        wrong += 1
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            complain(number, f"no JSON ({error.msg}, column {error.colno}): {_short(line.strip())}")
        except (ValueError, RecursionError):
            complain(number, "no JSON we would read: a number too long or nested too deeply")
        else:
            if isinstance(record, dict):
                wrong -= 1
                yield number, record
            else:
                complain(number, f"found {shown(record)}; allowed: one JSON object a line")
