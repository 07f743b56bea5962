"""What does each OLED screen say? Pure functions from state and the pack's texts to a `Screen`."""

from collections.abc import Iterable, Mapping

from pi_companion.core.cues import Nudge, Shown, Weight
from pi_companion.core.effects import CallCard
from pi_companion.core.limits import Pace, Ringing
from pi_companion.core.settings import Station
from pi_companion.core.states import PaceBar, Screen, ScreenName

Texts = Mapping[str, str]


def minutes(ms: int) -> str:
    """Return a duration as mm:ss, rounded down; from 100 minutes on whole minutes: five characters are what fits."""
    seconds = ms // 1000
    return f"{seconds // 60:02}:{seconds % 60:02}" if seconds < 100 * 60 else f"{seconds // 60}分"


def idle(texts: Texts, station: Station) -> Screen:
    """Nobody is calling; what is off for good is said."""
    title = texts["idle.title" if station.customer_side else "one_side.idle"]
    return Screen(name=ScreenName.IDLE, lines=(title, station.agent_name, station.extension))


def speech_off(texts: Texts) -> Screen:
    """Nobody is calling, and no words will be understood."""
    lines = (texts["speech_off.title"], texts["speech_off.still"], texts["speech_off.hint"])
    return Screen(name=ScreenName.SPEECH_OFF, lines=lines)


def ringing(texts: Texts, rings: int, limits: Ringing) -> Screen:
    """The ring count, large, and how urgent it is (RING-1)."""
    if rings <= limits.green_to:
        hint = texts["ringing.answer"]
    elif rings <= limits.amber_to:
        hint = texts["ringing.hurry"]
    else:
        hint = texts["ringing.late"]
    return Screen(name=ScreenName.RINGING, lines=(str(rings), hint))


def apologise(texts: Texts) -> Screen:
    """Picked up late: this comes before anything else (RING-2)."""
    return Screen(name=ScreenName.APOLOGISE, lines=(texts["apologise.title"], texts["apologise.say"]))


def in_call(
    texts: Texts,
    timer_ms: int,
    pace_per_min: int | None,
    limits: Pace,
    *,
    is_muted: bool | None,
    is_speech_off: bool,
    is_snoozed: bool = False,
    is_one_sided: bool = False,
) -> Screen:
    """Timer, pace and microphone; what is off is said."""
    off = ["call.speech_off"] if is_speech_off else ["one_side.call"] if is_one_sided else []
    pace = "" if pace_per_min is None else texts["call.pace"].replace("{rate}", str(pace_per_min))
    return Screen(
        name=ScreenName.IN_CALL,
        lines=(
            minutes(timer_ms),
            texts["call.snoozed" if is_snoozed else "call.connected"],
            pace,
            *(texts[each] for each in off),
        ),
        bar=PaceBar(
            value=pace_per_min,
            slow_below=limits.slow_below_per_min,
            fast_above=limits.fast_above_per_min,
            target=limits.target_per_min,
        ),
        is_microphone_muted=is_muted,
    )


def nudge(title: str, say: str) -> Screen:
    """A headline and what to say instead, if the manual has it."""
    return Screen(name=ScreenName.NUDGE, lines=(title, say))


def nudge_of(rule: str, title: str, say: str = "", *, heard: str = "", weight: Weight = Weight.NOW) -> Nudge:
    """A nudge for the arbiter, with its screen; `heard`: the pack's phrase that it is about."""
    text = f"{title} {say}".rstrip()
    return Nudge(rule=rule, text=text, screen=nudge(title, say), weight=weight, heard=heard)


def script(texts: Texts, text: str) -> Screen:
    """A line to say."""
    return Screen(name=ScreenName.SCRIPT, lines=(texts["script.heading"], text))


def consent(title: str, hint: str) -> Screen:
    """The device waits for the customer's consent, or for the lamp."""
    return Screen(name=ScreenName.CONSENT, lines=(title, hint))


def confirm(texts: Texts) -> Screen:
    """The answer was unclear: the agent decides by button."""
    return Screen(name=ScreenName.CONFIRM, lines=(texts["hold.unclear"], texts["hold.unclear_hint"]))


def muted(texts: Texts, timer_ms: int, hint: str) -> Screen:
    """The lamp says muted. Shown only then."""
    lines = (texts["mute.muted"], minutes(timer_ms), hint)
    return Screen(name=ScreenName.MUTED, lines=lines, is_microphone_muted=True)


def mute_unconfirmed(texts: Texts, hint: str) -> Screen:
    """Nobody knows whether the microphone is cut."""
    return Screen(name=ScreenName.MUTE_UNCONFIRMED, lines=(texts["mute.unsure"], hint), is_microphone_muted=None)


def fault(title: str, hint: str) -> Screen:
    """A part is lost: which, and what to do."""
    return Screen(name=ScreenName.FAULT, lines=(title, hint))


def away(texts: Texts, timer_ms: int) -> Screen:
    """The phone is in 小休: since when (RING-4)."""
    return Screen(name=ScreenName.AWAY, lines=(texts["away.title"], minutes(timer_ms)))


def reminder(text: str) -> Screen:
    """A quiet reminder of what no sensor sees."""
    return Screen(name=ScreenName.REMINDER, lines=(text,))


def silent_call(texts: Texts, text: str, seconds: int | None) -> Screen:
    """The line that is due to a caller who cannot be heard, and the seconds until the next one, if any (OPEN-3)."""
    lines = (texts["silent.heading"], text, "" if seconds is None else str(seconds))
    return Screen(name=ScreenName.SILENT_CALL, lines=lines)


def praise(text: str) -> Screen:
    """A ✓ for something done well."""
    return Screen(name=ScreenName.PRAISE, lines=(text,))


def checklist(texts: Texts, missed: Iterable[str]) -> Screen:
    """The steps that were not heard, without blame (FLOW-1)."""
    return Screen(name=ScreenName.CHECKLIST, lines=(texts["checklist.title"], *missed))


def answer(title: str, page: str, number: int, of: int) -> Screen:
    """One page of a standard answer."""
    return Screen(name=ScreenName.ANSWER, lines=(title, page, f"{number}/{of}" if of > 1 else ""))


def why(texts: Texts, shown: Shown, now: int) -> Screen:
    """Why the last nudge came: the rule, the pack's phrase that was heard, and how long ago."""
    ago = texts["why.ago"].replace("{seconds}", str((now - shown.at) // 1000))
    if now - shown.at >= 60000:
        ago = texts["why.minutes_ago"].replace("{minutes}", str((now - shown.at) // 60000))
    heard = texts["why.heard"].replace("{phrase}", shown.heard) if shown.heard else texts["why.measured"]
    return Screen(name=ScreenName.WHY, lines=(shown.title, shown.rule, heard, ago))


def snoozed(texts: Texts, *, is_for_call: bool) -> Screen:
    """Nudges are kept away, and for how long."""
    return Screen(
        name=ScreenName.SNOOZED, lines=(texts["snooze.title"], texts["snooze.call" if is_for_call else "snooze.while"])
    )


def calibration(title: str, text: str, progress: str) -> Screen:
    """One step of `pi-companion calibrate`."""
    return Screen(name=ScreenName.CALIBRATION, lines=(title, text, progress))


def call_card(texts: Texts, card: CallCard) -> Screen:
    """The summary after a call: what went well, counted first; a dash where nothing was due or could be measured."""

    def mark(value: bool | None) -> str:
        return texts["card.unknown"] if value is None else texts["card.yes" if value else "card.no"]

    def number(value: int | None) -> str:
        return texts["card.unknown"] if value is None else str(value)

    values = {
        "card.rings": str(card.rings),
        "card.talk": minutes(card.talk_ms),
        "card.hold": minutes(card.hold_ms),
        "card.pace": number(card.chars_per_min),
        "card.taboo": number(card.taboo),
        "card.opening": mark(card.opening),
        "card.closing": mark(card.closing),
        "card.apology": mark(both(card.apology_given, card.hold_apology_given)),
    }
    items = (f"{texts[label]} {value}" for label, value in values.items())
    title = (
        texts["card.title" if card.improve else "card.title_good"]
        .replace("{well}", str(len(card.well)))
        .replace("{improve}", str(len(card.improve)))
    )
    return Screen(name=ScreenName.CALL_CARD, lines=(title, *items))


def both(first: bool | None, second: bool | None) -> bool | None:
    """Return whether all that was due was given; None if nothing was due."""
    due = [given for given in (first, second) if given is not None]
    return all(due) if due else None
