"""What does the agent read, and where? Every text of the bundled pack, for a reader of Chinese: `packs/TEXTS.md`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pi_companion.adapters import layouts_call, layouts_desk
from pi_companion.adapters.gallery import SAMPLE_STATION, SAMPLES, checked
from pi_companion.adapters.unworded import unworded
from pi_companion.adapters.wordings import wordings
from pi_companion.core import screens
from pi_companion.core.checklist import STEPS
from pi_companion.core.settings import Pack
from pi_companion.core.states import Screen, ScreenName
from pi_companion.packs import load_pack

GOLDEN: Final = "../../tests/adapters/golden"

RULES: Final[Mapping[str, str]] = {
    "ringing.": "RING-1, RING-5",
    "apologise.": "RING-2",
    "call.pace": "VOICE-1",
    "nudge.greeting": "OPEN-1",
    "nudge.pace": "VOICE-1",
    "nudge.hold_apology": "HOLD-3",
    "hold.waiting": "HOLD-1",
    "hold.unclear": "HOLD-2",
    "hold.ask_again": "HOLD-2",
    "one_side.not_muted": "HOLD-2",
    "hold.refused": "HOLD-2",
    "hold.remind": "HOLD-4",
    "hold.apologise": "HOLD-3",
    "mute.hint": "HOLD-3",
    "mute.": "HOLD-2, HOLD-5",
    "time.": "TIME-1",
    "outbound.": "OUT-1",
    "seat.": "RING-3",
    "away.": "RING-4",
    "nudge.away": "RING-4",
    "silent.": "OPEN-3",
    "nudge.barge_in": "LISTEN-1",
    "nudge.monologue": "LISTEN-2",
    "nudge.number": "LISTEN-3",
    "nudge.time": "LISTEN-3",
    "nudge.dead_air": "LISTEN-6",
    "nudge.loud": "VOICE-2",
    "nudge.quiet": "VOICE-2",
    "nudge.flat": "VOICE-3",
    "nudge.hush": "VOICE-5",
    "nudge.posture": "POSTURE-1",
    "nudge.angry": "EMO-1",
    "closing.line": "CLOSE-1",
    "closing.wish": "CLOSE-2",
    "nudge.hang_up": "CLOSE-3",
    "checklist.": "FLOW-1",
    "praise.apology": "RING-2, HOLD-3",
    "praise.hold": "HOLD-4",
}
"""Rows of the manual by how the ids of their texts begin; the longest beginning counts. Others belong to no row."""

LABELS: Final[Mapping[str, ScreenName]] = {
    layouts_call.RINGS: ScreenName.RINGING,
    layouts_call.SLOW: ScreenName.IN_CALL,
    layouts_call.FAST: ScreenName.IN_CALL,
    layouts_call.SAY: ScreenName.NUDGE,
    layouts_desk.EXTENSION: ScreenName.IDLE,
    layouts_desk.REMINDER: ScreenName.REMINDER,
    layouts_desk.WHY: ScreenName.WHY,
}


INTRODUCTION: Final = f"""# What the agent reads

Every text of the bundled pack, in the words of a made-up station, for a reader of Chinese to judge: is it natural,
polite, clear at a glance? `make docs` writes this page from the pack; to change a text, change
[the pack](it-helpdesk-zh.toml). Each of them is drawn when a pack is checked, and one that does not fit the 128 x 64
panel is refused. A name of a screen links to a picture where there is a sample of it; here are [all
samples]({GOLDEN}/all.png), and `pi-companion screens DIR` draws them anew, enlarged.

What stands after 请说 is to be said to the customer. A text in （） is for the agent alone: it is shown without the
brackets and without 请说. `{{seconds}}` and the like are filled in during the call."""


def page() -> str:
    """Return the whole page."""
    pack = load_pack(None, names=SAMPLE_STATION.names)
    parts = (
        ("Headlines and lines of the program", _table("id | rule | screen | text | characters", _texts(pack))),
        ("Wording that is heard", _table("rule | screen | headline | say instead | characters", _rules(pack))),
        ("Quiet reminders", _table("rule | screen | text | characters", _reminders(pack))),
        ("Standard answers, page by page", _table("answer | screen | page | text | characters", _answers(pack))),
        ("Wishes", _table("occasion | screen | text | characters", _wishes(pack))),
        ("While no companion runs, and for those who look after it", _table("screen | text | characters", _unworded())),
        ("Labels in the pictures", _table("screen | text", ((str(name), text) for text, name in LABELS.items()))),
    )
    return "\n\n".join([INTRODUCTION, *(f"## {title}\n\n{table}" for title, table in parts)]) + "\n"


def unread(pack: Pack) -> list[str]:
    """Return the ids of texts that no screen shows."""
    shown = _shown(pack)
    return [name for name, text in pack.texts.items() if not _screens_with(text, shown)]


def _texts(pack: Pack) -> Iterator[tuple[str, ...]]:
    shown = _shown(pack)
    for name, text in pack.texts.items():
        yield f"`{name}`", _rule_of(name), _linked(_screens_with(text, shown)), text, str(len(text))


def _rules(pack: Pack) -> Iterator[tuple[str, ...]]:
    for rule in pack.rules:
        if rule.family in STEPS:
            if rule.title:
                yield rule.id, str(ScreenName.CHECKLIST), rule.title, "", str(len(rule.title))
        elif rule.title or rule.say:
            screen = screens.nudge(rule.title, rule.say) if rule.title else screens.script(pack.texts, rule.say)
            yield rule.id, _linked([screen]), rule.title, rule.say, f"{len(rule.title)} + {len(rule.say)}"


def _reminders(pack: Pack) -> Iterator[tuple[str, ...]]:
    for rule, text in pack.reminders:
        yield rule, _linked([screens.reminder(text)]), text, str(len(text))


def _answers(pack: Pack) -> Iterator[tuple[str, ...]]:
    for answer in pack.answers:
        for number, text in enumerate(answer.pages, 1):
            screen = screens.answer(answer.title, text, number, len(answer.pages))
            yield answer.title, _linked([screen]), f"{number}/{len(answer.pages)}", text, str(len(text))


def _wishes(pack: Pack) -> Iterator[tuple[str, ...]]:
    for occasion, wish in pack.wishes.items():
        line = pack.texts["closing.wish_line"].replace("{wish}", wish)
        yield occasion, _linked([screens.script(pack.texts, line)]), line, str(len(line))


def _unworded() -> Iterator[tuple[str, ...]]:
    for name, screen in unworded().items():
        yield (
            f"[{name}]({GOLDEN}/{name}.png)",
            "；".join(filter(None, screen.lines)),
            " + ".join(str(len(line)) for line in screen.lines if line),
        )


def _shown(pack: Pack) -> list[Screen]:
    return [*SAMPLES.values(), *checked(pack, SAMPLE_STATION).values(), *wordings(pack).values()]


def _screens_with(text: str, shown: Iterable[Screen]) -> list[Screen]:
    """Return the screens that have the text as a line, or as a word of one: a card's line is a name and a value."""
    worded = re.sub(r"\\{(wish|phrase)\\}", ".+", re.escape(text))
    pattern = re.compile(re.sub(r"\\{\w+\\}", r"\\d+", worded))
    return [
        screen
        for screen in shown
        if any(pattern.fullmatch(part) for line in screen.lines for part in (line, *line.split()))
    ]


def _linked(found: Iterable[Screen]) -> str:
    """Return the names of the screens, each once, with its first picture."""
    pictures = {screen: name for name, screen in reversed(list(SAMPLES.items()))}
    named: dict[ScreenName, str] = {}
    for screen in found:
        if not named.get(screen.name):
            named[screen.name] = pictures.get(screen, "")
    return ", ".join(
        f"[{name}]({GOLDEN}/{picture}.png)" if picture else str(name) for name, picture in sorted(named.items())
    )


def _rule_of(name: str) -> str:
    beginnings = [beginning for beginning in RULES if name.startswith(beginning)]
    return RULES[max(beginnings, key=len)] if beginnings else ""


def _table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    columns = head.count("|") + 1
    return "\n".join([f"| {head} |", "|---" * columns + "|", *(f"| {' | '.join(row)} |" for row in rows)])
