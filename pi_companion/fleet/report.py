"""What may leave a desk? Numbers, states and rule ids that stand in these lists; whatever else there is stays.

Keeps law 9 where it matters most: a report is built of what is known to be harmless, never by leaving out what is not.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pi_companion.core.facts import Part
from pi_companion.core.harness import CODES, HarnessState
from pi_companion.core.states import LineState, MuteState

Report = dict[str, int | str]
"""What is sent: flat, so that every tool can take it."""

NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "uptime_s": ("uptime_s",),
    "facts_waiting": ("waiting", "facts"),
    "audio_waiting": ("waiting", "audio"),
    "facts_dropped": ("waiting", "facts_dropped"),
    "audio_dropped": ("waiting", "audio_dropped"),
    "longest_turn_ms": ("turn_ms", "longest"),
    "drift_ms": ("drift_ms",),
}
"""Numbers by their name in a report: where the status document has them."""

STATES: Final[Mapping[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "line": (("line",), frozenset(map(str, LineState))),
    "mute": (("mute",), frozenset(map(str, MuteState))),
    "harness": (("harness", "state"), frozenset(map(str, HarnessState))),
}
"""States by name: where the document has them, and which there are."""

_ROWS: Final = {
    "RING": 5, "OPEN": 4, "LISTEN": 6, "VOICE": 6, "POSTURE": 2, "HOLD": 5, "TIME": 2, "FLOW": 1, "EMO": 1, "OUT": 1,
    "CLOSE": 4,
}  # fmt: skip
RULES: Final = frozenset(f"{family}-{number}" for family, most in _ROWS.items() for number in range(1, most + 1))
"""Rows of the manual that the program itself decides; a pack's rules come beside them."""

EVENTS: Final = ("answered", "missed", "outbound", "fault", "recovered", "call_card")
"""What is counted besides nudges."""

_ID: Final = re.compile(r"[A-Z]{2,12}(-[A-Z0-9]{1,12}){1,3}")
_MOST: Final = 10**12


def report(document: Mapping[str, Any], rules: Iterable[str], version: str) -> Report:
    """Return what is sent of a status document; what is missing or not as it must be is left out.

    `rules`: the ids that count; `version`: of this program.
    """
    known = {rule for rule in rules if _ID.fullmatch(rule)}
    sent: Report = {"version": version if re.fullmatch(r"[\w.+-]{1,32}", version, re.ASCII) else "unknown"}
    for name, path in NUMBERS.items():
        if (value := _number(_at(document, path))) is not None:
            sent[name] = value
    for name, (path, states) in STATES.items():
        if isinstance(state := _at(document, path), str) and state in states:
            sent[name] = str(state)
    code = _at(document, ("harness", "code"))
    sent["station_code"] = code if type(code) is int and code in CODES else 0
    lost = _at(document, ("lost",))
    for part in Part:
        sent[f"lost_{part}"] = int(isinstance(lost, Mapping) and str(part) in lost)
    events = _counts(document, "events")
    for event in EVENTS:
        sent[f"events_{event}"] = events.get(event, 0)
    nudges, withheld = _counts(document, "nudges"), _counts(document, "withheld")
    sent["nudges"] = sum(count for rule, count in nudges.items() if rule in known)
    sent["withheld"] = sum(count for name, count in withheld.items() if name.partition(" ")[0] in known)
    for rule in sorted(known & nudges.keys()):
        sent[f"nudges_{rule}"] = nudges[rule]
    return sent


def rules_of(pack: Path) -> frozenset[str]:
    """Return the rule ids of a pack's file, and the program's own. Raises OSError, or ValueError if it is none."""
    found: Any = tomllib.loads(pack.read_text(encoding="utf-8")).get("rule", [])
    return RULES | {each["id"] for each in found if isinstance(each, dict) and isinstance(each.get("id"), str)}


def _at(document: object, path: tuple[str, ...]) -> object:
    for step in path:
        document = document.get(step) if isinstance(document, Mapping) else None
    return document


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST:
        return None
    return round(value)


def _counts(document: Mapping[str, Any], name: str) -> dict[str, int]:
    found = _at(document, (name,))
    if not isinstance(found, Mapping):
        return {}
    numbers = {str(key): _number(value) for key, value in found.items()}
    return {key: number for key, number in numbers.items() if number is not None}
