"""Is the agent's microphone cut? The MUTE key's machine: what it presses, and what the lamp then proves.

Keeps laws 4 to 6: a press never makes the state muted, the lamp does; at most two presses for one wish, never
against a lamp that moved; the pulse ends here too. HOLD-5: the agent's own presses are followed.
"""

from enum import StrEnum
from typing import Final

from pi_companion.core.machine import Cell, Table
from pi_companion.core.states import MuteState


class KeyState(StrEnum):
    """The mute machine's own states; `PUBLIC` maps them to what is reported.

    `unknown`: a lamp is fitted and its level is not known. `unsensed`: no lamp is fitted.
    """

    UNKNOWN = "unknown"
    LIVE = "live"
    MUTING = "muting"
    MUTING_AGAIN = "muting_again"
    MUTING_CANCELLED = "muting_cancelled"
    MUTED = "muted"
    UNMUTING = "unmuting"
    UNMUTING_AGAIN = "unmuting_again"
    DISPUTED = "disputed"
    UNSENSED = "unsensed"
    BLIND_MUTING = "blind_muting"
    ASSUMED_MUTED = "assumed_muted"
    BLIND_UNMUTING = "blind_unmuting"


class KeyInput(StrEnum):
    """What moves the mute machine. `lamp_reversed`: the lamp turned back soon after it had followed our press."""

    LAMP_LIT = "lamp_lit"
    LAMP_DARK = "lamp_dark"
    LAMP_REVERSED = "lamp_reversed"
    LAMP_LOST = "lamp_lost"
    MUTE_WANTED = "mute_wanted"
    LIVE_WANTED = "live_wanted"
    NOT_CONFIRMED = "not_confirmed"
    ON_HOOK = "on_hook"


class KeyAct(StrEnum):
    """What the machine asks for. `ask_mute`, `ask_live`: the agent is asked to use the phone's own key."""

    PRESS = "press"
    RELEASE = "release"
    ASK_MUTE = "ask_mute"
    ASK_LIVE = "ask_live"


_S, _I, _A = KeyState, KeyInput, KeyAct

PUBLIC: Final = {
    _S.UNKNOWN: MuteState.UNKNOWN,
    _S.LIVE: MuteState.LIVE,
    _S.MUTING: MuteState.PRESSING,
    _S.MUTING_AGAIN: MuteState.PRESSING,
    _S.MUTING_CANCELLED: MuteState.PRESSING,
    _S.MUTED: MuteState.MUTED,
    _S.UNMUTING: MuteState.PRESSING,
    _S.UNMUTING_AGAIN: MuteState.PRESSING,
    _S.DISPUTED: MuteState.DISPUTED,
    _S.UNSENSED: MuteState.UNKNOWN,
    _S.BLIND_MUTING: MuteState.PRESSING,
    _S.ASSUMED_MUTED: MuteState.UNKNOWN,
    _S.BLIND_UNMUTING: MuteState.PRESSING,
}

UNDOING: Final = {_S.MUTING_CANCELLED, _S.UNMUTING, _S.UNMUTING_AGAIN, _S.BLIND_UNMUTING}
"""States in which a press is to end mute."""

MUTE_START: Final = KeyState.UNKNOWN
MUTE: Final[Table[KeyState, KeyInput, KeyAct]] = {
    _S.UNKNOWN: {
        _I.LAMP_LIT: Cell(_S.MUTED),
        _I.LAMP_DARK: Cell(_S.LIVE),
        _I.LAMP_REVERSED: Cell(_S.UNKNOWN),
        _I.LAMP_LOST: Cell(_S.UNKNOWN),
        _I.MUTE_WANTED: Cell(_S.UNKNOWN, (_A.ASK_MUTE,)),
        _I.LIVE_WANTED: Cell(_S.UNKNOWN, (_A.ASK_LIVE,)),
        _I.NOT_CONFIRMED: Cell(_S.UNKNOWN),
        _I.ON_HOOK: Cell(_S.UNKNOWN, (_A.RELEASE,)),
    },
    _S.LIVE: {
        _I.LAMP_LIT: Cell(_S.MUTED),  # the agent's own press, or the phone's doing: followed
        _I.LAMP_DARK: Cell(_S.LIVE),
        _I.LAMP_REVERSED: Cell(_S.DISPUTED, (_A.ASK_LIVE,)),
        _I.LAMP_LOST: Cell(_S.UNKNOWN),
        _I.MUTE_WANTED: Cell(_S.MUTING, (_A.PRESS,)),
        _I.LIVE_WANTED: Cell(_S.LIVE),
        _I.NOT_CONFIRMED: Cell(_S.LIVE),
        _I.ON_HOOK: Cell(_S.LIVE, (_A.RELEASE,)),
    },
    _S.MUTING: {
        _I.LAMP_LIT: Cell(_S.MUTED),
        _I.LAMP_DARK: Cell(_S.MUTING),
        _I.LAMP_REVERSED: Cell(_S.MUTING),
        _I.LAMP_LOST: Cell(_S.UNKNOWN, (_A.RELEASE, _A.ASK_MUTE)),
        _I.MUTE_WANTED: Cell(_S.MUTING),
        _I.LIVE_WANTED: Cell(_S.MUTING_CANCELLED),
        _I.NOT_CONFIRMED: Cell(_S.MUTING_AGAIN, (_A.PRESS,)),
        _I.ON_HOOK: Cell(_S.LIVE, (_A.RELEASE,)),  # what the lamp says now; its next edge is followed
    },
    _S.MUTING_AGAIN: {
        _I.LAMP_LIT: Cell(_S.MUTED),
        _I.LAMP_DARK: Cell(_S.MUTING_AGAIN),
        _I.LAMP_REVERSED: Cell(_S.MUTING_AGAIN),
        _I.LAMP_LOST: Cell(_S.UNKNOWN, (_A.RELEASE, _A.ASK_MUTE)),
        _I.MUTE_WANTED: Cell(_S.MUTING_AGAIN),
        _I.LIVE_WANTED: Cell(_S.MUTING_CANCELLED),
        _I.NOT_CONFIRMED: Cell(_S.DISPUTED, (_A.ASK_MUTE,)),
        _I.ON_HOOK: Cell(_S.LIVE, (_A.RELEASE,)),
    },
    _S.MUTING_CANCELLED: {  # the agent is back before the lamp answered: undo only what really happened
        _I.LAMP_LIT: Cell(_S.UNMUTING, (_A.PRESS,)),
        _I.LAMP_DARK: Cell(_S.MUTING_CANCELLED),
        _I.LAMP_REVERSED: Cell(_S.MUTING_CANCELLED),
        _I.LAMP_LOST: Cell(_S.UNKNOWN, (_A.RELEASE, _A.ASK_LIVE)),
        _I.MUTE_WANTED: Cell(_S.MUTING_CANCELLED),
        _I.LIVE_WANTED: Cell(_S.MUTING_CANCELLED),
        _I.NOT_CONFIRMED: Cell(_S.LIVE),
        _I.ON_HOOK: Cell(_S.LIVE, (_A.RELEASE,)),
    },
    _S.MUTED: {
        _I.LAMP_LIT: Cell(_S.MUTED),
        _I.LAMP_DARK: Cell(_S.LIVE),  # the agent's own press, or the phone's doing: followed
        _I.LAMP_REVERSED: Cell(_S.DISPUTED, (_A.ASK_MUTE,)),
        _I.LAMP_LOST: Cell(_S.UNKNOWN),
        _I.MUTE_WANTED: Cell(_S.MUTED),
        _I.LIVE_WANTED: Cell(_S.UNMUTING, (_A.PRESS,)),
        _I.NOT_CONFIRMED: Cell(_S.MUTED),
        _I.ON_HOOK: Cell(_S.MUTED, (_A.RELEASE,)),
    },
    _S.UNMUTING: {
        _I.LAMP_LIT: Cell(_S.UNMUTING),
        _I.LAMP_DARK: Cell(_S.LIVE),
        _I.LAMP_REVERSED: Cell(_S.UNMUTING),
        _I.LAMP_LOST: Cell(_S.UNKNOWN, (_A.RELEASE, _A.ASK_LIVE)),
        _I.MUTE_WANTED: Cell(_S.UNMUTING),
        _I.LIVE_WANTED: Cell(_S.UNMUTING),
        _I.NOT_CONFIRMED: Cell(_S.UNMUTING_AGAIN, (_A.PRESS,)),
        _I.ON_HOOK: Cell(_S.MUTED, (_A.RELEASE,)),
    },
    _S.UNMUTING_AGAIN: {
        _I.LAMP_LIT: Cell(_S.UNMUTING_AGAIN),
        _I.LAMP_DARK: Cell(_S.LIVE),
        _I.LAMP_REVERSED: Cell(_S.UNMUTING_AGAIN),
        _I.LAMP_LOST: Cell(_S.UNKNOWN, (_A.RELEASE, _A.ASK_LIVE)),
        _I.MUTE_WANTED: Cell(_S.UNMUTING_AGAIN),
        _I.LIVE_WANTED: Cell(_S.UNMUTING_AGAIN),
        _I.NOT_CONFIRMED: Cell(_S.DISPUTED, (_A.ASK_LIVE,)),
        _I.ON_HOOK: Cell(_S.MUTED, (_A.RELEASE,)),
    },
    _S.DISPUTED: {  # the lamp did not follow, or turned back: only its next edge is believed, nothing is pressed
        _I.LAMP_LIT: Cell(_S.MUTED),
        _I.LAMP_DARK: Cell(_S.LIVE),
        _I.LAMP_REVERSED: Cell(_S.DISPUTED),
        _I.LAMP_LOST: Cell(_S.UNKNOWN),
        _I.MUTE_WANTED: Cell(_S.DISPUTED, (_A.ASK_MUTE,)),
        _I.LIVE_WANTED: Cell(_S.DISPUTED, (_A.ASK_LIVE,)),
        _I.NOT_CONFIRMED: Cell(_S.DISPUTED),
        _I.ON_HOOK: Cell(_S.UNKNOWN, (_A.RELEASE,)),
    },
    _S.UNSENSED: {
        _I.LAMP_LIT: Cell(_S.UNSENSED),
        _I.LAMP_DARK: Cell(_S.UNSENSED),
        _I.LAMP_REVERSED: Cell(_S.UNSENSED),
        _I.LAMP_LOST: Cell(_S.UNSENSED),
        _I.MUTE_WANTED: Cell(_S.BLIND_MUTING, (_A.PRESS,)),
        _I.LIVE_WANTED: Cell(_S.UNSENSED),
        _I.NOT_CONFIRMED: Cell(_S.UNSENSED),
        _I.ON_HOOK: Cell(_S.UNSENSED, (_A.RELEASE,)),
    },
    _S.BLIND_MUTING: {
        _I.LAMP_LIT: Cell(_S.BLIND_MUTING),
        _I.LAMP_DARK: Cell(_S.BLIND_MUTING),
        _I.LAMP_REVERSED: Cell(_S.BLIND_MUTING),
        _I.LAMP_LOST: Cell(_S.BLIND_MUTING),
        _I.MUTE_WANTED: Cell(_S.BLIND_MUTING),
        _I.LIVE_WANTED: Cell(_S.BLIND_UNMUTING, (_A.PRESS,)),
        _I.NOT_CONFIRMED: Cell(_S.ASSUMED_MUTED),
        _I.ON_HOOK: Cell(_S.UNSENSED, (_A.RELEASE,)),
    },
    _S.ASSUMED_MUTED: {
        _I.LAMP_LIT: Cell(_S.ASSUMED_MUTED),
        _I.LAMP_DARK: Cell(_S.ASSUMED_MUTED),
        _I.LAMP_REVERSED: Cell(_S.ASSUMED_MUTED),
        _I.LAMP_LOST: Cell(_S.ASSUMED_MUTED),
        _I.MUTE_WANTED: Cell(_S.ASSUMED_MUTED),
        _I.LIVE_WANTED: Cell(_S.BLIND_UNMUTING, (_A.PRESS,)),
        _I.NOT_CONFIRMED: Cell(_S.ASSUMED_MUTED),
        _I.ON_HOOK: Cell(_S.UNSENSED, (_A.RELEASE,)),
    },
    _S.BLIND_UNMUTING: {
        _I.LAMP_LIT: Cell(_S.BLIND_UNMUTING),
        _I.LAMP_DARK: Cell(_S.BLIND_UNMUTING),
        _I.LAMP_REVERSED: Cell(_S.BLIND_UNMUTING),
        _I.LAMP_LOST: Cell(_S.BLIND_UNMUTING),
        _I.MUTE_WANTED: Cell(_S.BLIND_UNMUTING),
        _I.LIVE_WANTED: Cell(_S.BLIND_UNMUTING),
        _I.NOT_CONFIRMED: Cell(_S.UNSENSED),
        _I.ON_HOOK: Cell(_S.UNSENSED, (_A.RELEASE,)),
    },
}
