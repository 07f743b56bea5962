"""Does the unit press the phone's MUTE key, once, and does the lamp say so? The only steps that press anything.

Keeps law 6, and never presses in a customer's call: a step begins with the handset down and no ring for longer than a
ring takes, sees the hook line turn as the person lifts the handset, asks whether nobody's call is on, and ends as soon
as the handset goes down or the phone rings. So a dead hook sensor, which says on-hook for ever, presses nothing either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pi_companion.core.limits import LONGEST_PULSE_MS
from pi_companion.core.teaching import PulseLadder, pulse_to_use
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.phone import PERSON_MS, no_lamp
from pi_companion.workshop.reading import Reading, fine_if, seen
from pi_companion.workshop.rig import Ask, Look
from pi_companion.workshop.wired import Wired

QUIET_MS: Final = 6000
"""A phone that rings rings again within this: no ring for so long is no ringing."""

DIAL_TONE_MS: Final = 2000
"""From the handset's lifting to the question: so long it must have been up."""

FOLLOW_MS: Final = 1500
"""So long the lamp is watched after a press, the next one waits."""

_KEY: Final = (
    "no turn: swap the two wires of the key only if the page of your contact says so, measure across the key with the "
    "meter (it closes for the pulse), then: pi-companion board --step pulse; two turns: the key repeats, the pulse is "
    "too long"
)


class NotPressed(Exception):
    """Why nothing is pressed, or no more; the contact is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What the lamp did after a press: how often it turned, when first, and how it stood after it."""

    turns: int
    after_ms: int | None
    is_lit: bool


def mute(bench: Bench) -> Iterator[Reading]:
    """Press MUTE once and watch the lamp."""
    pulse_ms = bench.station.mute_pulse_ms or bench.pack.limits.mute.pulse_ms
    part, expected = "MUTE key", "the lamp turns once after one press, and stays so"
    with Wired(bench.rig) as wired:
        try:
            call = _TestCall(bench, wired)
            pressed = call.press(pulse_ms)
        except NotPressed as why:
            yield _not_pressed(part, expected, why)
            return
        if not bench.station.mute_lamp:
            yield _unseen(bench, pulse_ms)
            yield _end(bench, wired)
            return
        state = "lit" if pressed.is_lit else "dark"
        first = "no turn" if pressed.after_ms is None else f"{state} {pressed.after_ms} ms after the press began"
        yield Reading(
            part=part,
            expected=expected,
            found=f"{first}, turned {pressed.turns} times; pulse {pulse_ms} ms",
            verdict=fine_if(pressed.turns == 1),
            advice=_KEY,
        )
        yield _end(bench, wired)


def _unseen(bench: Bench, pulse_ms: int) -> Reading:
    """Return the reading of a press where no lamp is sensed: a person tells."""
    return Reading(
        part="MUTE key",
        expected=str(Look.MUTED),
        found=f"pressed, {pulse_ms} ms; no lamp is sensed here",
        verdict=seen(bench.rig.confirms(Look.MUTED)),
        advice=_KEY,
    )


def pulse(bench: Bench) -> Iterator[Reading]:
    """Find the shortest pulse that the phone's key takes, in a test call."""
    if not bench.station.mute_lamp:
        yield no_lamp()
        return
    ladder = PulseLadder()
    part, expected = "shortest pulse", "three presses in a row taken, the shorter the better"
    with Wired(bench.rig) as wired:
        try:
            call = _TestCall(bench, wired)
            while (pulse_ms := ladder.pulse_ms) is not None:
                pressed = call.press(pulse_ms)
                ladder.tell(is_taken=pressed.turns == 1)
        except NotPressed as why:
            yield _not_pressed(part, expected, why)
            return
        shortest_ms = ladder.shortest_ms
        if shortest_ms is not None:
            bench.learned["mute_pulse_ms"] = pulse_to_use(shortest_ms)
        found = f"none of up to {LONGEST_PULSE_MS} ms" if shortest_ms is None else f"{shortest_ms} ms; to press with: "
        yield Reading(
            part=part,
            expected=expected,
            found=found if shortest_ms is None else f"{found}{pulse_to_use(shortest_ms)} ms",
            verdict=fine_if(shortest_ms is not None),
            advice=_KEY,
        )
        yield _end(bench, wired)


class _TestCall:
    """The interlock. Raises `NotPressed` while it is made, or later by `press`, once anything speaks against it."""

    def __init__(self, bench: Bench, wired: Wired) -> None:
        self._bench, self._wired, self._rig = bench, wired, bench.rig
        self._rig.ask(Ask.REST)
        self._began = self._rig.now()
        wired.wait(QUIET_MS, self._is_busy)
        if self._is_busy():
            self._refuse("a call is on or comes in: the handset is up, or the phone rings; try when it is over")
        self._rig.ask(Ask.LIFT)
        if not wired.wait_for("hook", True, PERSON_MS):
            self._refuse(
                "no handset was lifted in time, or the hook line does not say so: pi-companion board --step hook"
            )
        wired.wait(DIAL_TONE_MS)  # its contact bounces
        self._lifted_at = wired.edges["hook"][-1][0]
        self._require()
        if not self._rig.confirms(Look.TEST_CALL):
            self._refuse("nobody confirmed that no customer hears it: answer y; without a terminal give --test-call")
        self._require()

    def press(self, pulse_ms: int) -> Press:
        """Press once; return what the lamp did."""
        began = self._wired.press(pulse_ms, self._require)
        self._wired.wait(FOLLOW_MS, self._is_over)
        self._require()
        turns = self._wired.turns_since("mute_lamp", began)
        after_ms = turns[0][0] - began if turns else None
        return Press(turns=len(turns), after_ms=after_ms, is_lit=self._wired.level("mute_lamp"))

    def _is_busy(self) -> bool:
        return self._wired.level("hook") or self._has_rung()

    def _has_rung(self) -> bool:
        return self._wired.level("ring") or bool(self._wired.turns_since("ring", self._began))

    def _is_over(self) -> bool:
        is_same_lift = self._wired.edges["hook"][-1] == (self._lifted_at, True)
        return not is_same_lift or self._has_rung()

    def _require(self) -> None:
        if self._is_over():
            self._refuse("the test call is over: the handset went down, or the phone rang")

    @staticmethod
    def _refuse(why: str) -> None:
        raise NotPressed(why)


def _end(bench: Bench, wired: Wired) -> Reading:
    """Have the person leave the phone as it was: un-muted by its own key, the handset down."""
    if wired.level("mute_lamp"):
        bench.rig.ask(Ask.KEY_OFF)
        wired.wait_for("mute_lamp", False, PERSON_MS)
    bench.rig.ask(Ask.HANG_UP)
    wired.wait_for("hook", False, PERSON_MS)
    is_closed = wired.panel.is_driven("mute_contact")
    is_lit, is_up = wired.level("mute_lamp"), wired.level("hook")
    return Reading(
        part="left behind",
        expected="contact open, MUTE lamp dark, handset down",
        found=f"contact {'closed' if is_closed else 'open'}, MUTE lamp {'lit' if is_lit else 'dark'}, "
        f"handset {'up' if is_up else 'down'}",
        verdict=fine_if(not (is_closed or is_lit or is_up)),
        advice="press the phone's own MUTE key until its lamp is dark; a contact that is closed: pull the unit's plug "
        "out of the phone, then mend its pull-down",
    )


def _not_pressed(part: str, expected: str, why: NotPressed) -> Reading:
    return Reading(
        part=part,
        expected=expected,
        found=f"not pressed: {why}",
        verdict=fine_if(False),
        advice="hook and ring must be sensed before anything is pressed: steps hook and ring come first",
    )
