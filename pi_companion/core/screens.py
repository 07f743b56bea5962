"""What does each OLED screen say? Pure functions from state and the pack's texts to a `Screen`."""

from collections.abc import Mapping

from pi_companion.core.effects import CallCard, PaceBar, Screen, ScreenName
from pi_companion.core.settings import Pace, Ringing, Station

Texts = Mapping[str, str]


def minutes(ms: int) -> str:
    """Return a duration as mm:ss, rounded down; from 100 minutes on whole minutes: five characters are what fits."""
    seconds = ms // 1000
    return f"{seconds // 60:02}:{seconds % 60:02}" if seconds < 100 * 60 else f"{seconds // 60}分"


def idle(texts: Texts, station: Station) -> Screen:
    """Nobody is calling."""
    return Screen(name=ScreenName.IDLE, lines=(texts["idle.title"], station.agent_name, station.extension))


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
    texts: Texts, timer_ms: int, pace_per_min: int | None, limits: Pace, *, is_muted: bool | None, is_speech_off: bool
) -> Screen:
    """Timer, pace and microphone."""
    pace = "" if pace_per_min is None else texts["call.pace"].replace("{rate}", str(pace_per_min))
    return Screen(
        name=ScreenName.IN_CALL,
        lines=(
            minutes(timer_ms),
            texts["call.connected"],
            pace,
            *([texts["call.speech_off"]] if is_speech_off else []),
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


def call_card(texts: Texts, card: CallCard) -> Screen:
    """The summary after a call; a dash where nothing was due or could be measured."""

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
    return Screen(name=ScreenName.CALL_CARD, lines=(texts["card.title"], *items))


def both(first: bool | None, second: bool | None) -> bool | None:
    """Return whether all that was due was given; None if nothing was due."""
    due = [given for given in (first, second) if given is not None]
    return all(due) if due else None
