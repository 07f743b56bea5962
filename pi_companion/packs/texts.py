"""Which lines does the agent read besides nudges? Their ids, and how a pack's `[texts]` are read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pi_companion import schema
from pi_companion.core.measuring import unspoken

LONGEST_LINE: Final = 40
"""Four lines of ten small characters: what fits the 128x64 screen."""

LONGEST_WISH: Final = 12
"""A wish stands in the closing line, which is as long without it."""

REQUIRED_TEXTS: Final = (
    "idle.title",
    "ringing.answer",
    "ringing.hurry",
    "ringing.late",
    "apologise.title",
    "apologise.say",
    "call.connected",
    "call.pace",
    "call.speech_off",
    "nudge.greeting.title",
    "nudge.greeting.say",
    "nudge.pace_fast.title",
    "nudge.pace_slow.title",
    "nudge.hold_apology.title",
    "hold.waiting",
    "hold.waiting_hint",
    "hold.unclear",
    "hold.unclear_hint",
    "hold.ask_again",
    "hold.ask_again_say",
    "hold.refused",
    "hold.refused_hint",
    "hold.remind",
    "hold.apologise",
    "mute.muted",
    "mute.unsure",
    "mute.pressing",
    "mute.still",
    "mute.unpressing",
    "mute.hint",
    "mute.assumed",
    "mute.look",
    "mute.by_hand",
    "mute.by_hand_live",
    "time.warn",
    "time.limit",
    "outbound.ask",
    "outbound.self",
    "outbound.sorry",
    "script.heading",
    "card.title",
    "card.title_good",
    "card.rings",
    "card.talk",
    "card.hold",
    "card.pace",
    "card.taboo",
    "card.opening",
    "card.closing",
    "card.apology",
    "card.yes",
    "card.no",
    "card.unknown",
    "seat.empty",
    "away.title",
    "nudge.away.title",
    "nudge.away.say",
    "silent.heading",
    "silent.help",
    "silent.sorry",
    "silent.hang_up",
    "nudge.barge_in.title",
    "nudge.barge_in.say",
    "nudge.monologue.title",
    "nudge.monologue.say",
    "nudge.number.title",
    "nudge.number.say",
    "nudge.time.title",
    "nudge.time.say",
    "nudge.dead_air.title",
    "nudge.dead_air.say",
    "nudge.loud.title",
    "nudge.quiet.title",
    "nudge.flat.title",
    "nudge.flat.say",
    "nudge.hush.title",
    "nudge.hush.say",
    "nudge.posture.title",
    "nudge.posture.say",
    "nudge.angry.title",
    "nudge.angry.say",
    "closing.line",
    "closing.wish_line",
    "nudge.hang_up.title",
    "checklist.title",
    "praise.apology",
    "praise.hold",
    "praise.call",
    "why.heard",
    "why.measured",
    "why.ago",
    "why.minutes_ago",
    "snooze.title",
    "snooze.call",
    "snooze.while",
    "call.snoozed",
    "one_side.call",
    "one_side.idle",
    "one_side.not_muted",
    "one_side.not_muted_say",
    "fault.tap.title",
    "fault.tap.hint",
    "fault.seat.title",
    "fault.seat.hint",
    "fault.oled.title",
    "fault.oled.hint",
    "fault.lamp.title",
    "fault.lamp.hint",
    "fault.speech.title",
    "fault.speech.hint",
    "fault.sides.title",
    "fault.sides.hint",
    "lead.agent.title",
    "lead.agent.hint",
    "lead.customer.title",
    "lead.customer.hint",
    "speech_off.title",
    "speech_off.still",
    "speech_off.hint",
    "calibrate.title",
    "calibrate.start",
    "calibrate.next",
    "calibrate.again",
    "calibrate.kept",
    "calibrate.level_only",
    "calibrate.seat",
    "calibrate.seat_say",
    "calibrate.seat_hold",
    "calibrate.seat_taken",
    "calibrate.absent",
    "calibrate.unsteady",
    "calibrate.seconds",
    "calibrate.voice",
    "calibrate.voice_say",
    "calibrate.read",
    "calibrate.read_on",
    "calibrate.voice_taken",
    "calibrate.level_taken",
    "calibrate.short",
    "calibrate.quiet",
    "calibrate.loud",
    "calibrate.count",
    "calibrate.done",
    "calibrate.nothing",
    "calibrate.stopped",
    "calibrate.called",
)
"""Ids of the lines that the core shows; a pack has all of them and no others."""

_PLACEHOLDERS: Final = {
    "hold.remind": frozenset({"seconds"}),
    "call.pace": frozenset({"rate"}),
    "card.title": frozenset({"well", "improve"}),
    "card.title_good": frozenset({"well"}),
    "nudge.dead_air.title": frozenset({"seconds"}),
    "nudge.away.say": frozenset({"minutes"}),
    "closing.wish_line": frozenset({"wish"}),
    "why.heard": frozenset({"phrase"}),
    "why.ago": frozenset({"seconds"}),
    "why.minutes_ago": frozenset({"minutes"}),
    "calibrate.seconds": frozenset({"seconds"}),
}
"""What the core fills in, by text id; the station's names may stand in any line and are filled in here."""

STATION_NAMES: Final = frozenset({"agent_name", "unit"})


def read_texts(raw: object, names: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the texts by id with names filled in, and every complaint about them."""
    if not isinstance(raw, Mapping):
        return {}, [f"texts: found {schema.as_toml(raw)}; allowed: a table"]
    texts, complaints = {}, []
    for key, text in _flat(raw, ""):
        where = f"texts.{key}"
        if key not in REQUIRED_TEXTS:
            complaints.append(f"{where}: unknown{schema.suggestion(key, REQUIRED_TEXTS)}")
        elif not isinstance(text, str) or not 0 < len(text) <= LONGEST_LINE:
            complaints.append(
                f"{where}: found {schema.as_toml(text)}; allowed: 1 to {LONGEST_LINE} characters in quotes"
            )
        else:
            complaints += stray_names(where, text, {*STATION_NAMES, *_PLACEHOLDERS.get(key, ())})
            if key == "calibrate.read" and (uncounted := "".join(unspoken(text))):
                complaints.append(f"{where}: “{uncounted}” cannot be counted; allowed: Chinese characters")
            texts[key] = filled(text, names)
    found = {key for key, _ in _flat(raw, "")}
    complaints += [f"texts.{key}: missing" for key in REQUIRED_TEXTS if key not in found]
    return texts, complaints


def read_wishes(raw: object) -> tuple[dict[str, str], list[str]]:
    """Return what to wish by occasion, and every complaint about it."""
    if not isinstance(raw, Mapping):
        return {}, [f"wishes: found {schema.as_toml(raw)}; allowed: a table"]
    complaints = [
        f"wishes.{occasion}: found {schema.as_toml(wish)}; allowed: 1 to {LONGEST_WISH} characters in quotes"
        for occasion, wish in raw.items()
        if not isinstance(wish, str) or not 0 < len(wish) <= LONGEST_WISH
    ]
    return {str(occasion): str(wish) for occasion, wish in raw.items()}, complaints


def _flat(table: Mapping[object, object], path: str) -> Iterator[tuple[str, object]]:
    """Yield the texts with their dotted ids: TOML reads `a.b = "…"` as a table in a table."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def stray_names(where: str, text: str, known: Iterable[str]) -> list[str]:
    """Return a complaint for each `{name}` in a text that nobody would fill in, and for a brace that stands alone."""
    complaints = [
        f"{where}: {{{name}}} is not filled in here; allowed: {', '.join(f'{{{each}}}' for each in sorted(known))}"
        for name in re.findall(r"\{([^{}]*)\}", text)
        if name not in known
    ]
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
        complaints.append(f"{where}: a brace stands alone; write {{name}} or none")
    return complaints


def filled(text: str, names: Mapping[str, str]) -> str:
    """Return a text with each `{name}` that is known replaced."""
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text
