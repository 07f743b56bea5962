"""Where is the consultation? Ask, consent, MUTE, wait, return, apology: the hold machine's table (HOLD-1 to HOLD-5)."""

from enum import StrEnum
from typing import Final

from pi_companion.core.machine import Cell, Table


class Step(StrEnum):
    """`waiting`: the customer waits, muted or not. `returned`: the agent is back and owes an apology."""

    NONE = "none"
    ASKED = "asked"
    UNCLEAR = "unclear"
    MUTING = "muting"
    WAITING = "waiting"
    RETURNED = "returned"


class StepInput(StrEnum):
    """What moves the consultation. `button` is the resume button; `mute_failed`: the agent was asked to do it.

    `apology_unheard`: said into a microphone that was muted, or on the way there or back.
    """

    REQUESTED = "requested"
    CONSENTED = "consented"
    REFUSED = "refused"
    UNCLEAR_ANSWER = "unclear_answer"
    TIMED_OUT = "timed_out"
    BUTTON = "button"
    MUTE_ON = "mute_on"
    MUTE_OFF = "mute_off"
    MUTE_FAILED = "mute_failed"
    APOLOGY = "apology"
    APOLOGY_UNHEARD = "apology_unheard"
    NO_APOLOGY = "no_apology"
    ON_HOOK = "on_hook"


class StepAct(StrEnum):
    """What the companion does on the way."""

    ASK = "ask"
    CONSENT = "consent"
    REFUSE = "refuse"
    ASK_BUTTON = "ask_button"
    ASK_AGAIN = "ask_again"
    WANT_MUTE = "want_mute"
    WANT_LIVE = "want_live"
    BEGIN = "begin"
    END = "end"
    OWE_APOLOGY = "owe_apology"
    THANK = "thank"
    MISS_APOLOGY = "miss_apology"
    NUDGE_APOLOGY = "nudge_apology"


_S, _I, _A = Step, StepInput, StepAct

HOLD_START: Final = Step.NONE
HOLD: Final[Table[Step, StepInput, StepAct]] = {
    _S.NONE: {
        _I.REQUESTED: Cell(_S.ASKED, (_A.ASK,)),
        _I.CONSENTED: Cell(_S.NONE),
        _I.REFUSED: Cell(_S.NONE),
        _I.UNCLEAR_ANSWER: Cell(_S.NONE),
        _I.TIMED_OUT: Cell(_S.NONE),
        _I.BUTTON: Cell(_S.NONE, (_A.WANT_LIVE,)),  # the agent muted by hand and comes back: help, claim nothing
        _I.MUTE_ON: Cell(_S.NONE),
        _I.MUTE_OFF: Cell(_S.NONE),
        _I.MUTE_FAILED: Cell(_S.NONE),
        _I.APOLOGY: Cell(_S.NONE),
        _I.APOLOGY_UNHEARD: Cell(_S.NONE),
        _I.NO_APOLOGY: Cell(_S.NONE),
        _I.ON_HOOK: Cell(_S.NONE),
    },
    _S.ASKED: {
        _I.REQUESTED: Cell(_S.ASKED, (_A.ASK,)),
        _I.CONSENTED: Cell(_S.MUTING, (_A.CONSENT, _A.WANT_MUTE)),
        _I.REFUSED: Cell(_S.NONE, (_A.REFUSE,)),
        _I.UNCLEAR_ANSWER: Cell(_S.UNCLEAR, (_A.ASK_BUTTON,)),
        _I.TIMED_OUT: Cell(_S.NONE, (_A.ASK_AGAIN,)),
        _I.BUTTON: Cell(_S.ASKED),
        _I.MUTE_ON: Cell(_S.WAITING, (_A.BEGIN,)),  # the agent overrules: followed
        _I.MUTE_OFF: Cell(_S.ASKED),
        _I.MUTE_FAILED: Cell(_S.ASKED),
        _I.APOLOGY: Cell(_S.ASKED),
        _I.APOLOGY_UNHEARD: Cell(_S.ASKED),
        _I.NO_APOLOGY: Cell(_S.ASKED),
        _I.ON_HOOK: Cell(_S.NONE),
    },
    _S.UNCLEAR: {
        _I.REQUESTED: Cell(_S.ASKED, (_A.ASK,)),
        _I.CONSENTED: Cell(_S.MUTING, (_A.CONSENT, _A.WANT_MUTE)),
        _I.REFUSED: Cell(_S.NONE, (_A.REFUSE,)),
        _I.UNCLEAR_ANSWER: Cell(_S.UNCLEAR),
        _I.TIMED_OUT: Cell(_S.NONE, (_A.ASK_AGAIN,)),
        _I.BUTTON: Cell(_S.MUTING, (_A.CONSENT, _A.WANT_MUTE)),
        _I.MUTE_ON: Cell(_S.WAITING, (_A.BEGIN,)),
        _I.MUTE_OFF: Cell(_S.UNCLEAR),
        _I.MUTE_FAILED: Cell(_S.UNCLEAR),
        _I.APOLOGY: Cell(_S.UNCLEAR),
        _I.APOLOGY_UNHEARD: Cell(_S.UNCLEAR),
        _I.NO_APOLOGY: Cell(_S.UNCLEAR),
        _I.ON_HOOK: Cell(_S.NONE),
    },
    _S.MUTING: {
        _I.REQUESTED: Cell(_S.MUTING),
        _I.CONSENTED: Cell(_S.MUTING),
        _I.REFUSED: Cell(_S.NONE, (_A.REFUSE, _A.WANT_LIVE)),
        _I.UNCLEAR_ANSWER: Cell(_S.MUTING),
        _I.TIMED_OUT: Cell(_S.MUTING),
        _I.BUTTON: Cell(_S.NONE, (_A.WANT_LIVE,)),
        _I.MUTE_ON: Cell(_S.WAITING, (_A.BEGIN,)),
        _I.MUTE_OFF: Cell(_S.MUTING),
        _I.MUTE_FAILED: Cell(_S.WAITING, (_A.BEGIN,)),  # the customer waits all the same
        _I.APOLOGY: Cell(_S.NONE, (_A.WANT_LIVE,)),
        _I.APOLOGY_UNHEARD: Cell(_S.NONE, (_A.WANT_LIVE,)),
        _I.NO_APOLOGY: Cell(_S.MUTING),
        _I.ON_HOOK: Cell(_S.NONE),
    },
    _S.WAITING: {
        _I.REQUESTED: Cell(_S.WAITING),
        _I.CONSENTED: Cell(_S.WAITING),
        _I.REFUSED: Cell(_S.WAITING),
        _I.UNCLEAR_ANSWER: Cell(_S.WAITING),
        _I.TIMED_OUT: Cell(_S.WAITING),
        _I.BUTTON: Cell(_S.RETURNED, (_A.WANT_LIVE, _A.END, _A.OWE_APOLOGY)),
        _I.MUTE_ON: Cell(_S.WAITING),
        _I.MUTE_OFF: Cell(_S.RETURNED, (_A.END, _A.OWE_APOLOGY)),
        _I.MUTE_FAILED: Cell(_S.WAITING),
        _I.APOLOGY: Cell(_S.NONE, (_A.WANT_LIVE, _A.END, _A.THANK)),
        # It only calls the agent back: the customer has yet to hear it.
        _I.APOLOGY_UNHEARD: Cell(_S.RETURNED, (_A.WANT_LIVE, _A.END, _A.OWE_APOLOGY)),
        _I.NO_APOLOGY: Cell(_S.WAITING),
        _I.ON_HOOK: Cell(_S.NONE, (_A.END,)),
    },
    _S.RETURNED: {
        _I.REQUESTED: Cell(_S.ASKED, (_A.MISS_APOLOGY, _A.ASK)),
        _I.CONSENTED: Cell(_S.RETURNED),
        _I.REFUSED: Cell(_S.RETURNED),
        _I.UNCLEAR_ANSWER: Cell(_S.RETURNED),
        _I.TIMED_OUT: Cell(_S.RETURNED),
        _I.BUTTON: Cell(_S.RETURNED, (_A.WANT_LIVE,)),
        _I.MUTE_ON: Cell(_S.RETURNED),
        _I.MUTE_OFF: Cell(_S.RETURNED),
        _I.MUTE_FAILED: Cell(_S.RETURNED),
        _I.APOLOGY: Cell(_S.NONE, (_A.THANK,)),
        _I.APOLOGY_UNHEARD: Cell(_S.RETURNED),
        _I.NO_APOLOGY: Cell(_S.NONE, (_A.MISS_APOLOGY, _A.NUDGE_APOLOGY)),
        _I.ON_HOOK: Cell(_S.NONE, (_A.MISS_APOLOGY,)),
    },
}
