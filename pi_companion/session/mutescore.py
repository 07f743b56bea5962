"""What did the device do with the MUTE key, and did it ever claim more than it knew? Judged from its own stream.

Laws 5 and 6 and HOLD-2, counted: the stream's `mute` state is what the lamp proved, everything else is measured
against it. Needs no truth file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pi_companion.core.states import HoldState, Light, LineState, MuteState, ScreenName
from pi_companion.session.shapes import Record

_IN_CALL: Final = frozenset({LineState.CONNECTED, LineState.ON_HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteScore:
    """How the MUTE key was used.

    `presses`: how often the contact was closed. `presses_without_consent`: first presses that would cut the voice
    while no consent of this call was standing; must be 0. `retries`: presses after one that the lamp had not
    answered, be it to try again or to undo. `falsely_shown_ms`: how long the screen, the steady MUTE light or the
    text claimed muted while the state was another; must be 0. `holds_not_muted`: consents, not taken back, after
    which muted was never proved.
    """

    presses: int = 0
    presses_without_consent: int = 0
    retries: int = 0
    falsely_shown_ms: int = 0
    holds_not_muted: int = 0


def score_mute(events: Sequence[Record]) -> MuteScore:
    """Return how the MUTE key was used in a stream."""
    presses, without_consent, retries = _presses(events)
    return MuteScore(
        presses=presses,
        presses_without_consent=without_consent,
        retries=retries,
        falsely_shown_ms=_falsely_shown_ms(events),
        holds_not_muted=_holds_not_muted(events),
    )


def sum_mute(scores: Iterable[MuteScore]) -> MuteScore:
    """Return the scores of several streams as one."""
    several = tuple(scores)
    return MuteScore(
        presses=sum(one.presses for one in several),
        presses_without_consent=sum(one.presses_without_consent for one in several),
        retries=sum(one.retries for one in several),
        falsely_shown_ms=sum(one.falsely_shown_ms for one in several),
        holds_not_muted=sum(one.holds_not_muted for one in several),
    )


def _presses(events: Iterable[Record]) -> tuple[int, int, int]:
    """Return all presses, those that cut the voice without consent, and the retries."""
    presses = without_consent = retries = 0
    has_consent = is_pressing = has_pressed = False
    was_cut = False  # whether the voice was cut already when the present attempt began
    for event in events:
        match event:
            case {"kind": "mute", "state": MuteState.PRESSING}:
                is_pressing = True
            case {"kind": "mute", "state": state, "shown": shown}:
                is_pressing = has_pressed = False
                is_assumed = state == MuteState.UNKNOWN and bool(shown)  # a phone without a lamp, pressed before
                was_cut = state == MuteState.MUTED or is_assumed
            case {"kind": "hold", "state": HoldState.CONSENTED}:
                has_consent = True
            case {"kind": "hold", "state": HoldState.REFUSED | HoldState.ENDED}:
                has_consent = False
            case {"kind": "mute_key", "action": "press"}:
                presses += 1
                is_retry = is_pressing and has_pressed
                retries += is_retry
                without_consent += not is_retry and not was_cut and not has_consent
                has_pressed = True
            case _ if _is_between_calls(event):
                has_consent = False
    return presses, without_consent, retries


def _falsely_shown_ms(events: Sequence[Record]) -> int:
    """Return how long muted was claimed but not proved, up to the last event."""
    mutes = (event for event in events if event["kind"] == "mute")
    claims = {event["shown"] for event in mutes if event["state"] == MuteState.MUTED} - {""}
    total_ms = 0
    state, text, screen, light = str(MuteState.UNKNOWN), "", "", ""
    for event, following in pairwise(events):
        match event:
            case {"kind": "mute"}:
                state, text = event["state"], event["shown"]
            case {"kind": "screen"}:
                screen = event["name"]
            case {"kind": "leds"}:
                light = event["mute"]
        is_claimed = screen == ScreenName.MUTED or light == Light.ON or text in claims
        if is_claimed and state != MuteState.MUTED:
            total_ms += following["at"] - event["at"]
    return total_ms


def _holds_not_muted(events: Iterable[Record]) -> int:
    count = 0
    is_muted = is_waiting = False
    for event in events:
        match event:
            case {"kind": "mute", "state": state}:
                is_muted = state == MuteState.MUTED
                is_waiting = is_waiting and not is_muted
            case {"kind": "hold", "state": HoldState.CONSENTED}:
                count += is_waiting
                is_waiting = not is_muted
            case {"kind": "hold", "state": HoldState.REFUSED}:
                is_waiting = False
            case {"kind": "hold", "state": HoldState.ENDED}:
                count += is_waiting
                is_waiting = False
            case _ if _is_between_calls(event):
                count += is_waiting
                is_waiting = False
    return count + is_waiting


def _is_between_calls(event: Record) -> bool:
    match event:
        case {"kind": "line_state", "state": state}:
            return state not in _IN_CALL
        case {"kind": "answered" | "outbound" | "call_card"}:
            return True
        case _:
            return False
