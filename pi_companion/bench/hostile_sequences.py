"""What is the worst that phone, agent and customer can do to the MUTE key? Seeded sequences of it, always the same.

A phone of one kind (`KINDS`: honest ones that ignore, double, delay, forget and toggle; one without a lamp; ones whose
lamp lies), in three calls or fewer: somebody consults, the agent presses the phone's own key just before, during and
after our pulse, hammers the buttons, hangs up half-way; the customer agrees and takes it back; tap and lamp sense are
lost. `bench.hostile_desk` lives through one and judges it; `python -m pi_companion.bench.hostile` prints the figures.
"""

import random
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Deed(StrEnum):
    """What somebody does, or what fails. `consult`: asked, and clearly agreed; `unclear`: asked, and answered 快的."""

    CONSULT = "consult"
    UNCLEAR = "unclear"
    ASK = "ask"
    AGREE = "agree"
    REFUSE = "refuse"
    APOLOGISE = "apologise"
    TALK = "talk"
    OWN_KEY = "own_key"
    RESUME = "resume"
    HANG_UP = "hang_up"
    PICK_UP = "pick_up"
    RING = "ring"
    RING_STOPS = "ring_stops"
    LOSE_LAMP = "lose_lamp"
    FIND_LAMP = "find_lamp"
    LOSE_TAP = "lose_tap"
    FIND_TAP = "find_tap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A deed, `after_ms` after the last one; or after the press that that one led to, or the next, if it is soon."""

    deed: Deed
    after_ms: int
    is_after_press: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """One story: the phone (see `bench.phone`) and what happens.

    `is_lying`: its lamp may not show the truth. `quiet_from`: its faults are over, session milliseconds.
    """

    seed: int
    kind: str
    mute_lamp: bool
    is_lying: bool
    key_delay_ms: int
    faults: tuple[str, ...]
    quiet_from: int
    steps: tuple[Step, ...]


KINDS: Final = (
    "sound",
    "ignores presses",
    "doubles presses",
    "slow key",
    "forgets mute",
    "toggles by itself",
    "lamp sense lost",
    "no lamp",
    "lamp late",
    "lamp stuck on",
    "lamp stuck off",
    "lamp inverted",
    "lamp flickers",
)
LYING: Final = frozenset(KINDS[KINDS.index("lamp late") :])
"""From "lamp late" on the lamp lies; all before have an honest one, or none."""

_USUAL_DELAYS_MS: Final = (30, 60, 60, 60, 120, 250)
_SLOW_DELAYS_MS: Final = (550, 590, 610, 700, 900, 1300, 2500)
_GAPS_MS: Final = (1, 5, 10, 19, 21, 30, 55, 60, 70, 100, 120, 200, 320, 532, 580, 600, 620, 650, 799, 801, 1000, 1500)
_LONG_GAPS_MS: Final = (2500, 4000, 8100, 12000, 31000)
_AROUND_PULSE_MS: Final = (
    0,
    1,
    10,
    20,
    29,
    31,
    50,
    60,
    61,
    79,
    90,
    119,
    121,
    200,
    310,
    330,
    500,
    530,
    545,
    560,
    580,
    599,
    601,
    700,
)
_DEEDS: Final = (
    *(Deed.CONSULT,) * 6,
    *(Deed.UNCLEAR,) * 3,
    *(Deed.OWN_KEY,) * 6,
    *(Deed.RESUME,) * 5,
    *(Deed.APOLOGISE,) * 3,
    *(Deed.REFUSE,) * 3,
    *(Deed.AGREE,) * 2,
    *(Deed.ASK,) * 2,
    Deed.TALK,
    *(Deed.HANG_UP,) * 2,
    *(Deed.PICK_UP,) * 2,
    Deed.RING,
    Deed.RING_STOPS,
    Deed.LOSE_TAP,
    Deed.FIND_TAP,
)
_AT_PRESS: Final = (Deed.OWN_KEY, Deed.OWN_KEY, Deed.OWN_KEY, Deed.RESUME, Deed.REFUSE, Deed.HANG_UP, Deed.APOLOGISE)


def sequence(seed: int) -> Sequence:
    """Return the sequence of this seed; kinds take turns, so that any run of seeds has its share of each."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    kind = KINDS[seed % len(KINDS)]
    steps = [Step(deed=Deed.PICK_UP, after_ms=1000)]
    if chance.random() < 0.75:
        steps.append(Step(deed=Deed.CONSULT, after_ms=chance.choice(_GAPS_MS)))
    for _ in range(chance.randint(3, 10)):
        steps += _steps(chance, kind)
    faults = _faults(chance, kind)
    return Sequence(
        seed=seed,
        kind=kind,
        mute_lamp=kind != "no lamp",
        is_lying=kind in LYING,
        key_delay_ms=chance.choice(_SLOW_DELAYS_MS if kind == "slow key" else _USUAL_DELAYS_MS),
        faults=faults,
        quiet_from=max((sum(map(int, re.findall("[0-9]+", fault))) for fault in faults), default=0),
        steps=tuple(steps),
    )


def _steps(chance: random.Random, kind: str) -> list[Step]:
    """Return what happens next: something at a bad moment, something again and again, or anything."""
    throw = chance.random()
    if throw < 0.3:
        bad = Step(deed=chance.choice(_AT_PRESS), after_ms=chance.choice(_AROUND_PULSE_MS), is_after_press=True)
        leads = chance.choice(((), (Deed.CONSULT,), (Deed.CONSULT,), (Deed.UNCLEAR, Deed.RESUME), (Deed.RESUME,)))
        return [*(Step(deed=deed, after_ms=chance.choice(_GAPS_MS)) for deed in leads), *_and_again(chance, bad)]
    if throw < 0.4:
        deed, gap_ms = chance.choice((Deed.OWN_KEY, Deed.RESUME)), chance.choice((2, 40, 90, 150, 260, 400))
        return [Step(deed=deed, after_ms=gap_ms) for _ in range(chance.randint(2, 8))]
    if throw < 0.45:
        # The agent mutes by hand just before the device would.
        early_ms = chance.choice((5, 25, 60, 90, 130, 300, 620))
        return [Step(deed=Deed.OWN_KEY, after_ms=early_ms), Step(deed=Deed.CONSULT, after_ms=chance.choice(_GAPS_MS))]
    if kind == "lamp sense lost" and throw < 0.6:
        return [Step(deed=chance.choice((Deed.LOSE_LAMP, Deed.FIND_LAMP)), after_ms=chance.choice(_GAPS_MS))]
    gaps_ms = _LONG_GAPS_MS if chance.random() < 0.15 else _GAPS_MS
    return _and_again(chance, Step(deed=chance.choice(_DEEDS), after_ms=chance.choice(gaps_ms)))


def _and_again(chance: random.Random, step: Step) -> list[Step]:
    """After a hang-up there is mostly another call, and mostly somebody consults in it."""
    if step.deed is not Deed.HANG_UP or chance.random() < 0.3:
        return [step]
    lifts = Step(deed=Deed.PICK_UP, after_ms=chance.choice(_GAPS_MS))
    return [step, lifts, Step(deed=Deed.CONSULT, after_ms=chance.choice(_GAPS_MS))]


def _faults(chance: random.Random, kind: str) -> tuple[str, ...]:
    """Return what is wrong with a phone of that kind; two faults of it or three, rarely one."""

    def times() -> list[int]:
        return [chance.randrange(1000, 12000) for _ in range(chance.randint(1, 3))]

    def presses() -> list[int]:
        return sorted(chance.sample(range(1, 7), chance.randint(1, 4)))

    lasting = chance.choice((50, 300, 1000, 4000, 20000))
    match kind:
        case "ignores presses":
            return tuple(f"ignores_press@{number}" for number in presses())
        case "doubles presses":
            return tuple(f"double_toggle@{number}" for number in presses())
        case "slow key":
            return tuple(f"late_press@{number}+{chance.choice((100, 550, 1200, 4000))}" for number in presses())
        case "forgets mute":
            clears = chance.choice((("clears_mute_on_hook",), ("clears_mute_on_lift",), ()))
            return (*clears, *(f"forgets_mute@{at}" for at in times()))
        case "toggles by itself":
            return tuple(f"self_toggles@{at}" for at in times())
        case "lamp late":
            return (f"lamp_late@{chance.choice((0, 3000))}+{chance.choice((40, 150, 400, 650, 1500, 4000))}",)
        case "lamp stuck on" | "lamp stuck off" | "lamp inverted" | "lamp flickers":
            name = kind.replace(" ", "_")
            return tuple(f"{name}@{at}+{lasting}" for at in times())
        case _:
            return ()
