"""Where does the agent read each text of a pack? Every text on the screen it stands on, at its longest.

Keeps law 5: what does not fit the panel is known before the device starts (`gallery.require_fit`).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pi_companion.core import screens
from pi_companion.core.checklist import STEPS
from pi_companion.core.cues import Shown
from pi_companion.core.settings import Pack, Rule
from pi_companion.core.states import Screen
from pi_companion.packs.texts import filled

LONGEST: Final[Mapping[str, str]] = {"seconds": "600", "minutes": "999", "rate": "999", "well": "99", "improve": "99"}
"""The longest that the core fills in, by name; `{wish}` and `{phrase}` are the pack's own."""

_MINUTE_MS: Final = 60000
_LONE_NUDGES: Final = ("time.warn", "time.limit", "seat.empty")
_SCRIPTS: Final = ("outbound.ask", "outbound.self", "outbound.sorry", "hold.apologise", "closing.line")
_SILENT: Final = ("silent.help", "silent.sorry", "silent.hang_up")
_CALIBRATE: Final[Mapping[str, tuple[str, ...]]] = {
    "calibrate.start": ("seat_say", "voice_say"),
    "calibrate.seconds": ("seat_hold",),
    "calibrate.read_on": ("read",),
    "calibrate.next": ("seat_taken", "voice_taken", "level_taken"),
    "calibrate.again": ("absent", "unsteady", "short", "quiet", "loud", "count"),
    "calibrate.kept": ("absent", "unsteady", "short", "quiet", "loud", "count"),
    "calibrate.level_only": ("count",),
    "": ("done", "nothing", "stopped", "called"),
}
"""What `pi-companion calibrate` says, by the hint that stands above it."""


def wordings(pack: Pack, values: Mapping[str, str] = LONGEST) -> dict[str, Screen]:
    """Return every screen that says something of the pack's own, by where its text stands in the file.

    `values`: what stands where the core fills something in, by name.
    """
    return {
        **_nudges(pack.texts, values),
        **_scripts(pack),
        **_silent(pack),
        **_praise(pack.texts),
        **_rules(pack.texts, pack.rules),
        **_quiet(pack),
        **_calibration(pack.texts, values),
    }


def _nudges(texts: Mapping[str, str], values: Mapping[str, str]) -> dict[str, Screen]:
    pairs = [(name, texts.get(f"{name.removesuffix('.title')}.say", "")) for name in texts if _is_nudge(name)]
    pairs += [(name, "") for name in _LONE_NUDGES]
    pairs += [
        ("hold.refused", texts["hold.refused_hint"]),
        ("hold.ask_again", texts["hold.ask_again_say"]),
        ("one_side.not_muted", texts["one_side.not_muted_say"]),
        ("nudge.hold_apology.title", texts["hold.apologise"]),
    ]
    return {
        **{f"texts.{name}": screens.nudge(filled(texts[name], values), filled(say, values)) for name, say in pairs},
        **{f"why texts.{name}": _why(texts, filled(texts[name], values)) for name, _ in pairs},
    }


def _is_nudge(name: str) -> bool:
    return name.startswith("nudge.") and name.endswith(".title")


def _why(texts: Mapping[str, str], title: str, rule: str = "TABOO-CHALLENGE", heard: str = "") -> Screen:
    return screens.why(texts, Shown(at=0, rule=rule, title=title, heard=heard), 99 * _MINUTE_MS)


def _scripts(pack: Pack) -> dict[str, Screen]:
    texts, line = pack.texts, pack.texts["closing.wish_line"]
    return {
        **{f"texts.{name}": screens.script(texts, texts[name]) for name in _SCRIPTS},
        **{
            f"wishes.{occasion}": screens.script(texts, line.replace("{wish}", wish))
            for occasion, wish in pack.wishes.items()
        },
    }


def _silent(pack: Pack) -> dict[str, Screen]:
    texts, seconds = pack.texts, pack.limits.silent_call.step_ms // 1000
    return {
        f"texts.{name}": screens.silent_call(texts, texts[name], None if name == _SILENT[-1] else seconds)
        for name in _SILENT
    }


def _praise(texts: Mapping[str, str]) -> dict[str, Screen]:
    # A short wait is praised with the apology.
    both = screens.praise(f"{texts['praise.apology']}，{texts['praise.hold']}")
    lone = {f"texts.{name}": screens.praise(text) for name, text in texts.items() if name.startswith("praise.")}
    return {**lone, "texts.praise.apology and praise.hold": both}


def _rules(texts: Mapping[str, str], rules: Iterable[Rule]) -> dict[str, Screen]:
    found = {}
    steps = []
    for number, rule in enumerate(rules, 1):
        place = f"rule[{number} {rule.id}]"
        if rule.family in STEPS:
            steps += [rule.title] if rule.title else []
        elif rule.title:
            heard = max((phrase.text for phrase in rule.phrases), key=len)
            found[place] = screens.nudge(rule.title, rule.say)
            found[f"why {place}"] = _why(texts, rule.title, rule.id, heard)
        elif rule.say:
            found[place] = screens.script(texts, rule.say)
    return {**found, "the checklist, nothing of it heard": screens.checklist(texts, dict.fromkeys(steps))}


def _quiet(pack: Pack) -> dict[str, Screen]:
    pages = [(answer, number, page) for answer in pack.answers for number, page in enumerate(answer.pages, 1)]
    return {
        **{f"reminder[{place} {rule}]": screens.reminder(text) for place, (rule, text) in enumerate(pack.reminders, 1)},
        **{
            f"answer “{answer.title}” page {number}": screens.answer(answer.title, page, number, len(answer.pages))
            for answer, number, page in pages
        },
        "texts.snooze.call": screens.snoozed(pack.texts, is_for_call=True),
        "texts.snooze.while": screens.snoozed(pack.texts, is_for_call=False),
        "texts.away.title": screens.away(pack.texts, 999 * _MINUTE_MS),
    }


def _calibration(texts: Mapping[str, str], values: Mapping[str, str]) -> dict[str, Screen]:
    def step(say: str, hint: str) -> Screen:
        last = {"done", "nothing", "stopped", "called"}
        is_seat = say.startswith("seat") or say in {"absent", "unsteady"}
        title = texts["calibrate.title" if say in last else "calibrate.seat" if is_seat else "calibrate.voice"]
        return screens.calibration(title, texts[f"calibrate.{say}"], filled(texts[hint], values) if hint else "")

    return {
        f"texts.calibrate.{say}" + (f", {hint}" if hint else ""): step(say, hint)
        for hint, says in _CALIBRATE.items()
        for say in says
    }
