"""Which row of the manual is decided where, set how, shown on what, proved by which test and which call?

The rows are written here; the tests are found by their marks, the calls by their golden streams. `make docs` writes
the table, and `test_coverage.py` fails while it, a rule of the pack or a screen has no place here.
"""

import ast
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pi_companion.bench.calls import bundled_calls
from pi_companion.core.states import ScreenName as On
from pi_companion.packs import load_pack

REPOSITORY: Final = Path(__file__).parents[2]
_MOST_CALLS: Final = 5
_BEFORE_ANY_CALL: Final = "core/test_calibration.py"
GOLDEN: Final = REPOSITORY / "tests" / "calls" / "golden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`decided_in`: modules of `pi_companion`. `limits`: groups of the pack's limits. `screens`: what the agent sees.

    `kinds`: events that show it, by their kind or a kind and a value, or the rule that stands for it; an event that
    names the rule always does, except the call card. `reason`: why it is not observed, if it is not.
    """

    manual: str
    decided_in: tuple[str, ...]
    limits: tuple[str, ...] = ()
    screens: tuple[On, ...] = ()
    kinds: tuple[str, ...] = ()
    reason: str = ""


def _wording(manual: str) -> Row:
    return Row(
        manual=manual, decided_in=("core/phrases.py", "core/coach.py"), limits=("spotting",), screens=(On.NUDGE,)
    )


def _unseen(manual: str, reason: str) -> Row:
    return Row(manual=manual, decided_in=("core/idle.py",), limits=("idle",), screens=(On.REMINDER,), reason=reason)


ROWS: Final[Mapping[str, Row]] = {
    "RING-1": Row(
        manual="answer within two rings",
        decided_in=("core/cadence.py", "core/leds.py"),
        limits=("ringing",),
        screens=(On.RINGING,),
        kinds=("ring",),
    ),
    "RING-2": Row(
        manual="after four rings apologise first",
        decided_in=("core/coach.py", "core/opening.py"),
        limits=("ringing", "opening"),
        screens=(On.APOLOGISE, On.PRAISE),
    ),
    "RING-3": Row(
        manual="no ringing at an empty seat",
        decided_in=("core/seat.py",),
        limits=("seat",),
        screens=(On.NUDGE,),
        kinds=("empty_seat_rang",),
    ),
    "RING-4": Row(
        manual="no 小休 without cause",
        decided_in=("core/away.py", "core/idle.py"),
        limits=("away", "idle"),
        screens=(On.AWAY, On.REMINDER),
        reason="without the 小休 lamp: a reminder only",
    ),
    "RING-5": Row(
        manual="hurry, even from a distance",
        decided_in=("core/leds.py",),
        limits=("ringing",),
        screens=(On.RINGING,),
        kinds=("leds blink_fast",),
    ),
    "OPEN-1": Row(
        manual="greeting word, unit, name",
        decided_in=("core/opening.py", "core/coach.py"),
        limits=("opening", "spotting"),
        screens=(On.NUDGE,),
    ),
    "OPEN-2": Row(
        manual="never open with 喂 or 嘿",
        decided_in=("core/phrases.py", "core/coach.py"),
        limits=("opening", "spotting"),
        screens=(On.NUDGE,),
    ),
    "OPEN-3": Row(
        manual="the script for a silent call",
        decided_in=("core/silent_call.py",),
        limits=("silent_call",),
        screens=(On.SILENT_CALL,),
    ),
    "OPEN-4": _unseen("nothing in the mouth", "no sensor sees it"),
    "LISTEN-1": Row(
        manual="do not interrupt",
        decided_in=("core/interruptions.py", "core/turns.py"),
        limits=("turns",),
        screens=(On.NUDGE,),
        kinds=("barge_in",),
    ),
    "LISTEN-2": Row(
        manual="respond now and then",
        decided_in=("core/turns.py",),
        limits=("turns",),
        screens=(On.NUDGE,),
        kinds=("monologue",),
    ),
    "LISTEN-3": Row(
        manual="restate numbers and times",
        decided_in=("core/restating.py", "core/spoken_numbers.py", "core/spoken_times.py"),
        limits=("restating",),
        screens=(On.NUDGE,),
    ),
    "LISTEN-4": Row(
        manual="how to say that it was not caught",
        decided_in=("core/phrases.py", "core/coach.py"),
        limits=("spotting",),
        screens=(On.NUDGE,),
        kinds=("TABOO-CHALLENGE",),
    ),
    "LISTEN-5": Row(
        manual="restate the problem and have it confirmed",
        decided_in=("core/checklist.py",),
        limits=("spotting",),
        screens=(On.CHECKLIST,),
    ),
    "LISTEN-6": Row(
        manual="no dead air",
        decided_in=("core/turns.py",),
        limits=("turns",),
        screens=(On.NUDGE,),
        kinds=("dead_air",),
    ),
    "VOICE-1": Row(
        manual="a moderate pace",
        decided_in=("core/pace.py", "core/coach.py"),
        limits=("pace",),
        screens=(On.IN_CALL, On.NUDGE),
    ),
    "VOICE-2": Row(
        manual="volume follows the customer's",
        decided_in=("core/loudness.py",),
        limits=("loudness",),
        screens=(On.NUDGE,),
    ),
    "VOICE-3": Row(
        manual="lively intonation",
        decided_in=("speech/pitch.py", "core/intonation.py"),
        limits=("intonation",),
        screens=(On.NUDGE,),
        kinds=("intonation",),
    ),
    "VOICE-4": _unseen("Mandarin, clearly spoken", "no honest measure of clearness"),
    "VOICE-5": Row(
        manual="quiet while colleagues are on calls",
        decided_in=("core/loudness.py",),
        limits=("loudness",),
        screens=(On.NUDGE,),
    ),
    "VOICE-6": _unseen("smile, be in a good mood", "no sensor sees it; heard intonation is VOICE-3"),
    "POSTURE-1": Row(
        manual="sit upright",
        decided_in=("core/seat.py",),
        limits=("seat",),
        screens=(On.NUDGE, On.CALIBRATION),
        kinds=("posture slouched", "posture hunched"),
    ),
    "POSTURE-2": _unseen("no eating, no private calls", "no sensor sees it"),
    **{
        f"SAY-{name}": _wording(manual)
        for name, manual in {
            "WAIT": "not 等一下",
            "NAME": "not 你叫什么名字",
            "PLACE": "not 你在哪",
            "INFO": "not 电话多少",
            "TICKET": "not 维修单号多少呀",
            "FLOW": "not 你知道流程吗",
            "DEVICE": "not 机子",
            "KIND": "not 您是台式机还是便携机",
            "UNKNOWN": "not 我不知道",
            "CANNOT": "not 没法查",
            "ABSENT": "not 他不在",
        }.items()
    },
    "SAY-EARLIER": Row(
        manual="a caller who has rung before",
        decided_in=("core/suggested_line.py",),
        limits=("spotting",),
        screens=(On.SCRIPT,),
    ),
    "TABOO-HEY": _wording("no calling out"),
    "TABOO-CHALLENGE": _wording("no challenging, no retorts"),
    "TABOO-ARROGANT": _wording("no arrogance"),
    "TABOO-SHIRK": _wording("no passing the buck"),
    "TABOO-BYE": _wording("no rude closing"),
    "PROMISE": _wording("no promise of a time"),
    "HOLD-1": Row(
        manual="ask before consulting",
        decided_in=("core/hold.py", "core/customer_wait.py"),
        limits=("hold",),
        screens=(On.CONSENT,),
    ),
    "HOLD-2": Row(
        manual="MUTE only after consent",
        decided_in=("core/answers.py", "core/consultation.py", "core/mute.py"),
        limits=("hold", "mute"),
        screens=(On.CONFIRM, On.MUTED),
        kinds=("hold consented", "hold refused"),
    ),
    "HOLD-3": Row(
        manual="apologise on return",
        decided_in=("core/customer_wait.py",),
        limits=("hold",),
        screens=(On.SCRIPT, On.NUDGE, On.PRAISE),
    ),
    "HOLD-4": Row(
        manual="a short wait",
        decided_in=("core/consultation.py",),
        limits=("hold",),
        screens=(On.MUTED, On.MUTE_UNCONFIRMED),
    ),
    "HOLD-5": Row(
        manual="the agent overrules the device",
        decided_in=("core/mute.py", "core/mutekey.py"),
        limits=("mute",),
        screens=(On.MUTE_UNCONFIRMED,),
    ),
    "TIME-1": Row(
        manual="five and eight minutes",
        decided_in=("core/call_time.py",),
        limits=("call_time",),
        screens=(On.NUDGE,),
    ),
    "TIME-2": Row(
        manual="no commitment on when an engineer arrives",
        decided_in=("core/phrases.py", "core/coach.py"),
        limits=("spotting",),
        screens=(On.NUDGE,),
        kinds=("PROMISE",),
    ),
    "FLOW-1": Row(
        manual="the flow of a call",
        decided_in=("core/checklist.py",),
        limits=("checklist", "spotting"),
        screens=(On.CHECKLIST,),
    ),
    "EMO-1": Row(
        manual="an angry caller",
        decided_in=("core/emotion.py",),
        limits=("emotion",),
        screens=(On.NUDGE,),
    ),
    "OUT-1": Row(
        manual="the script for calling out",
        decided_in=("core/outbound.py",),
        limits=("outbound", "spotting"),
        screens=(On.SCRIPT,),
    ),
    "CLOSE-1": Row(
        manual="thanks, then goodbye",
        decided_in=("core/coach.py", "core/card.py", "core/closing.py"),
        limits=("closing",),
        screens=(On.SCRIPT, On.CALL_CARD),
    ),
    "CLOSE-2": Row(
        manual="a wish before days off",
        decided_in=("adapters/calendar.py", "core/closing.py"),
        limits=("closing",),
        screens=(On.SCRIPT,),
    ),
    "CLOSE-3": Row(
        manual="the customer hangs up first",
        decided_in=("speech/tones.py", "core/closing.py"),
        limits=("closing",),
        screens=(On.NUDGE,),
    ),
    "CLOSE-4": Row(
        manual="never 那就这样, 我先挂了",
        decided_in=("core/phrases.py", "core/coach.py"),
        limits=("spotting",),
        screens=(On.NUDGE,),
        kinds=("TABOO-BYE",),
    ),
}

OF_NO_RULE: Final[Mapping[On, str]] = {
    On.IDLE: "nobody is calling",
    On.SPEECH_OFF: "no speech model: said, not hidden",
    On.FAULT: "a part is lost",
    On.ANSWER: "standard answers, on the page button",
    On.WHY: "why the device spoke, on the page button",
    On.SNOOZED: "the agent wants no nudges",
    On.STARTING: "the device was switched on, or tries again",
    On.STOPPED: "no companion runs: stopped, or about to start again",
    On.CANNOT_START: "safe mode",
    On.NOTICE: "a mistake in the site's files, or a harness that names no station",
    On.QUESTION: "what a stick has, or a reset: a button says yes",
    On.PROGRESS: "what was said yes to is being done",
    On.RESULT: "how it ended",
}


@cache
def tests() -> Mapping[str, tuple[str, ...]]:
    """Return the tests of each rule by the marks on them, as `FILE::NAME`, FILE from tests/ on."""
    found: defaultdict[str, list[tuple[bool, bool, int, str]]] = defaultdict(list)
    for path in sorted((REPOSITORY / "tests").rglob("test_*.py")):
        file, module = path.relative_to(REPOSITORY / "tests").as_posix(), ast.parse(path.read_text(encoding="utf-8"))
        of_all = {rule for mark in _module_marks(module) for rule in _rules(mark)}
        for function in module.body:
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                rules = of_all | {rule for mark in function.decorator_list for rule in _rules(mark)}
                # Stories of a call first, of them those of fewest rules: the others show parts of them.
                place = (not file.startswith("core/"), file == _BEFORE_ANY_CALL, len(rules))
                for rule in rules:
                    found[rule].append((*place, f"{file}::{function.name}"))
    # Of equals the one that is written first: the sort is stable.
    return {rule: tuple(name for *_, name in sorted(all_, key=lambda one: one[:-1])) for rule, all_ in found.items()}


def _module_marks(module: ast.Module) -> Iterator[ast.expr]:
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                yield value
            case _:
                pass


def _rules(mark: ast.expr) -> Iterator[str]:
    match mark:
        case ast.Call(func=ast.Attribute(attr="rule"), args=args):
            yield from (str(arg.value) for arg in args if isinstance(arg, ast.Constant))
        case _:
            pass


@cache
def shown() -> Mapping[str, set[str]]:
    """Return, by call, what its golden stream shows: rules that its events name, kinds, kinds with a value."""
    folders = {path.name for path in (*bundled_calls(), *(REPOSITORY / "tests" / "calls").iterdir()) if path.is_dir()}
    found = {}
    for name in sorted(folders):
        stream = GOLDEN / f"{name}.jsonl"
        if stream.exists():
            events = [json.loads(line) for line in stream.read_text(encoding="utf-8").splitlines()]
            found[name] = {name for event in events for name in _names(event)}
    return found


def _names(event: Mapping[str, Any]) -> Iterator[str]:
    yield event["kind"]
    yield from (f"{event['kind']} {value}" for value in event.values() if isinstance(value, str))
    if "rule" in event:
        yield event["rule"]
    if event.get("name") == On.REMINDER:
        yield from (rule for rule, text in load_pack(names={}).reminders if text in event["lines"])


def calls(rule: str) -> tuple[str, ...]:
    """Return the calls whose golden streams show a rule."""
    telling = {rule, *ROWS[rule].kinds}
    return tuple(name for name, found in shown().items() if telling & found)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_CALLS} more" if len(names) > _MOST_CALLS else ""
    return ", ".join(names[:_MOST_CALLS]) + more if names else "—"


def page() -> str:
    """Return the table as it stands in `pi_companion/packs/COVERAGE.md`."""
    lines = [
        "# Every row of the manual",
        "",
        "Generated by `make docs` from `tests/repo/coverage.py`, the marks of the tests and the golden streams.",
        "A call shows a rule if an event of its stream names it, or is one that the rule is about; being counted on",
        "the call card is not enough. Settings are groups of the pack's limits.",
        "",
        "| row | manual | decided in | settings | screens | calls | tests |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule, row in ROWS.items():
        names = tests().get(rule, ())
        first = f"`{names[0]}`" if names else "—"
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        cells = (
            rule,
            row.manual + (f" — not observable: {row.reason}" if row.reason else ""),
            "<br>".join(f"`{module}`" for module in row.decided_in),
            ", ".join(row.limits) or "—",
            ", ".join(row.screens),
            _some([name[:2] for name in calls(rule)]),
            first + more,
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "Screens that belong to no row:", ""]
    lines += [f"- {screen}: {reason}" for screen, reason in OF_NO_RULE.items()]
    return "\n".join(lines) + "\n"
