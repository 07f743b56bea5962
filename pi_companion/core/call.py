"""Where is the line? On-hook, ringing, connected, on hold, wrap-up, away: the call machine's table (law 4)."""

from enum import StrEnum
from typing import Final

from pi_companion.core.machine import Cell, Table
from pi_companion.core.states import LineState


class LineInput(StrEnum):
    """What moves the line."""

    RING = "ring"
    RINGING_STOPPED = "ringing_stopped"
    OFF_HOOK = "off_hook"
    FOUND_OFF_HOOK = "found_off_hook"
    ON_HOOK = "on_hook"
    HOLD_BEGAN = "hold_began"
    HOLD_ENDED = "hold_ended"
    WRAP_UP_OVER = "wrap_up_over"
    BUSY_LIT = "busy_lit"
    BUSY_DARK = "busy_dark"


class LineAct(StrEnum):
    """What the companion does on the way. `join`: the device started during a call; nothing is claimed about it."""

    MISS = "miss"
    ANSWER = "answer"
    DIAL_OUT = "dial_out"
    JOIN = "join"
    HANG_UP = "hang_up"


_S, _I, _A = LineState, LineInput, LineAct

LINE_START: Final = LineState.ON_HOOK
LINE: Final[Table[LineState, LineInput, LineAct]] = {
    _S.ON_HOOK: {
        _I.RING: Cell(_S.RINGING),
        _I.RINGING_STOPPED: Cell(_S.ON_HOOK),
        _I.OFF_HOOK: Cell(_S.CONNECTED, (_A.DIAL_OUT,)),
        _I.FOUND_OFF_HOOK: Cell(_S.CONNECTED, (_A.JOIN,)),
        _I.ON_HOOK: Cell(_S.ON_HOOK),
        _I.HOLD_BEGAN: Cell(_S.ON_HOOK),
        _I.HOLD_ENDED: Cell(_S.ON_HOOK),
        _I.WRAP_UP_OVER: Cell(_S.ON_HOOK),
        _I.BUSY_LIT: Cell(_S.AWAY),
        _I.BUSY_DARK: Cell(_S.ON_HOOK),
    },
    _S.RINGING: {
        _I.RING: Cell(_S.RINGING),
        _I.RINGING_STOPPED: Cell(_S.ON_HOOK, (_A.MISS,)),
        _I.OFF_HOOK: Cell(_S.CONNECTED, (_A.ANSWER,)),
        _I.FOUND_OFF_HOOK: Cell(_S.CONNECTED, (_A.JOIN,)),
        _I.ON_HOOK: Cell(_S.RINGING),
        _I.HOLD_BEGAN: Cell(_S.RINGING),
        _I.HOLD_ENDED: Cell(_S.RINGING),
        _I.WRAP_UP_OVER: Cell(_S.RINGING),
        _I.BUSY_LIT: Cell(_S.RINGING),
        _I.BUSY_DARK: Cell(_S.RINGING),
    },
    _S.CONNECTED: {
        _I.RING: Cell(_S.CONNECTED),  # a second call knocks: not ours to count
        _I.RINGING_STOPPED: Cell(_S.CONNECTED),
        _I.OFF_HOOK: Cell(_S.CONNECTED),
        _I.FOUND_OFF_HOOK: Cell(_S.CONNECTED),
        _I.ON_HOOK: Cell(_S.WRAP_UP, (_A.HANG_UP,)),
        _I.HOLD_BEGAN: Cell(_S.ON_HOLD),
        _I.HOLD_ENDED: Cell(_S.CONNECTED),
        _I.WRAP_UP_OVER: Cell(_S.CONNECTED),
        _I.BUSY_LIT: Cell(_S.CONNECTED),
        _I.BUSY_DARK: Cell(_S.CONNECTED),
    },
    _S.ON_HOLD: {
        _I.RING: Cell(_S.ON_HOLD),
        _I.RINGING_STOPPED: Cell(_S.ON_HOLD),
        _I.OFF_HOOK: Cell(_S.ON_HOLD),
        _I.FOUND_OFF_HOOK: Cell(_S.ON_HOLD),
        _I.ON_HOOK: Cell(_S.WRAP_UP, (_A.HANG_UP,)),
        _I.HOLD_BEGAN: Cell(_S.ON_HOLD),
        _I.HOLD_ENDED: Cell(_S.CONNECTED),
        _I.WRAP_UP_OVER: Cell(_S.ON_HOLD),
        _I.BUSY_LIT: Cell(_S.ON_HOLD),
        _I.BUSY_DARK: Cell(_S.ON_HOLD),
    },
    _S.WRAP_UP: {
        _I.RING: Cell(_S.RINGING),
        _I.RINGING_STOPPED: Cell(_S.WRAP_UP),
        _I.OFF_HOOK: Cell(_S.CONNECTED, (_A.DIAL_OUT,)),
        _I.FOUND_OFF_HOOK: Cell(_S.CONNECTED, (_A.JOIN,)),
        _I.ON_HOOK: Cell(_S.WRAP_UP),
        _I.HOLD_BEGAN: Cell(_S.WRAP_UP),
        _I.HOLD_ENDED: Cell(_S.WRAP_UP),
        _I.WRAP_UP_OVER: Cell(_S.ON_HOOK),
        _I.BUSY_LIT: Cell(_S.WRAP_UP),
        _I.BUSY_DARK: Cell(_S.WRAP_UP),
    },
    _S.AWAY: {
        _I.RING: Cell(_S.RINGING),
        _I.RINGING_STOPPED: Cell(_S.AWAY),
        _I.OFF_HOOK: Cell(_S.CONNECTED, (_A.DIAL_OUT,)),
        _I.FOUND_OFF_HOOK: Cell(_S.CONNECTED, (_A.JOIN,)),
        _I.ON_HOOK: Cell(_S.AWAY),
        _I.HOLD_BEGAN: Cell(_S.AWAY),
        _I.HOLD_ENDED: Cell(_S.AWAY),
        _I.WRAP_UP_OVER: Cell(_S.AWAY),
        _I.BUSY_LIT: Cell(_S.AWAY),
        _I.BUSY_DARK: Cell(_S.ON_HOOK),
    },
}
