"""Which screen is due? One order of precedence, safety first; nothing says muted but the lamp (law 5)."""

from dataclasses import dataclass

from pi_companion.core import screens
from pi_companion.core.effects import CallCard
from pi_companion.core.facts import HEARING, Part
from pi_companion.core.hold import Step
from pi_companion.core.mute import KeyAct
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import LineState, MuteState, Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that decides the screen. Times in milliseconds; `top`: what the arbiter wants shown, if anything.

    `is_top_safety`: it is about mute or safety. `is_seat_empty`: by the distance sensor; False: nobody knows.
    """

    line: LineState
    rings: int
    mute: MuteState
    asks_for: KeyAct | None
    is_assumed_muted: bool
    is_unmuting: bool
    step: Step
    hold_hint: str
    top: Screen | None
    call_ms: int
    muted_ms: int
    pace_per_min: int | None
    card: CallCard | None
    is_second_card: bool
    lost: frozenset[Part]
    away_ms: int
    is_top_safety: bool = False
    is_seat_empty: bool = False


def choose(
    now: Situation,
    pack: Pack,
    station: Station,
    *,
    page: Screen | None,
    notice: Screen | None = None,
    reminder: str,
    is_snoozed: bool,
) -> Screen:
    """Return the screen that is due.

    `page`: what the agent has looked up; `notice`: what a press of snooze brought about; `reminder`: whose turn it is
    while idle.
    """
    texts = pack.texts
    page = None if now.is_top_safety else page
    match now.line:
        case LineState.RINGING:
            return screens.ringing(texts, now.rings, pack.limits.ringing)
        case LineState.WRAP_UP if now.card is not None:
            return page or now.top or _card(now.card, pack, is_second=now.is_second_card)
        case LineState.AWAY:
            return page or now.top or _broken(now, pack) or screens.away(texts, now.away_ms)
        case LineState.ON_HOOK | LineState.WRAP_UP:
            return page or now.top or _broken(now, pack) or _quiet(pack, station, reminder, is_snoozed=is_snoozed)
        case LineState.CONNECTED | LineState.ON_HOLD:
            call = notice or _in_call(now, pack, station, is_snoozed=is_snoozed)
            return held(now, pack, station) or page or now.top or call


def held(now: Situation, pack: Pack, station: Station) -> Screen | None:
    """Return what the wait or the microphone has to say, before anything else; None outside calls."""
    if now.line not in {LineState.CONNECTED, LineState.ON_HOLD}:
        return None
    return _mute(now, pack, station) or _consult(now, pack, station)


def _card(card: CallCard, pack: Pack, *, is_second: bool) -> Screen:
    if is_second and card.steps_missed:
        return screens.checklist(pack.texts, card.steps_missed)
    return screens.call_card(pack.texts, card)


def _broken(now: Situation, pack: Pack) -> Screen | None:
    unsaid = {Part.SPEECH, Part.OLED}  # the one has a screen of its own, the other cannot be said on itself
    broken = [part for part in Part if part in now.lost - unsaid]
    if broken:
        return screens.fault(pack.texts[f"fault.{broken[0]}.title"], pack.texts[f"fault.{broken[0]}.hint"])
    return screens.speech_off(pack.texts) if Part.SPEECH in now.lost else None


def _quiet(pack: Pack, station: Station, reminder: str, *, is_snoozed: bool) -> Screen:
    if is_snoozed:
        return screens.snoozed(pack.texts, is_for_call=False)
    return screens.reminder(reminder) if reminder else screens.idle(pack.texts, station)


def _mute(now: Situation, pack: Pack, station: Station) -> Screen | None:
    """What must be said about the microphone before anything else."""
    texts = pack.texts
    if now.mute is MuteState.MUTED:
        hint = texts["mute.hint"] if now.step is Step.WAITING else ""
        return screens.muted(texts, now.muted_ms, now.hold_hint or hint)
    if now.mute is MuteState.PRESSING:
        return screens.consent(texts["mute.unpressing" if now.is_unmuting else "mute.pressing"], "")
    if now.asks_for is not None and (station.mute_lamp or now.line is LineState.ON_HOLD):
        if now.asks_for is KeyAct.ASK_LIVE:
            return screens.mute_unconfirmed(texts, texts["mute.by_hand_live"])
        return screens.mute_unconfirmed(texts, now.hold_hint or texts["mute.by_hand"])
    if now.is_assumed_muted:
        return screens.mute_unconfirmed(texts, now.hold_hint or texts["mute.assumed"])
    if now.mute is MuteState.DISPUTED or (now.mute is MuteState.UNKNOWN and now.line is LineState.ON_HOLD):
        return screens.mute_unconfirmed(texts, now.hold_hint or texts["mute.look"])
    return None


def _consult(now: Situation, pack: Pack, station: Station) -> Screen | None:
    if now.step is Step.UNCLEAR:
        return screens.confirm(pack.texts)
    if now.step is Step.ASKED:
        return screens.consent(pack.texts["hold.waiting"], pack.texts["hold.waiting_hint"] if station.mute_key else "")
    return None


def _in_call(now: Situation, pack: Pack, station: Station, *, is_snoozed: bool) -> Screen:
    is_muted = {MuteState.MUTED: True, MuteState.LIVE: False}.get(now.mute)
    return screens.in_call(
        pack.texts,
        now.call_ms,
        now.pace_per_min,
        pack.limits.pace,
        is_muted=is_muted,
        is_speech_off=bool(now.lost & (HEARING | {Part.SPEECH})),
        is_one_sided=not station.customer_side,
        is_snoozed=is_snoozed,
    )
