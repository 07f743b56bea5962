"""What do the wires to the phone say? Hook, ring lamp and MUTE lamp, while a person uses the phone."""

from collections.abc import Iterator, Sequence
from typing import Final

from pi_companion.core.cadence import RingCounter
from pi_companion.core.limits import Ringing
from pi_companion.core.steady import Steady
from pi_companion.core.teaching import LampSeen, watch
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.reading import Reading, Verdict, fine_if
from pi_companion.workshop.rig import Ask
from pi_companion.workshop.wired import Wired

PERSON_MS: Final = 30_000
"""So long a person has for what was asked."""

RINGING_MS: Final = 60_000
WATCH_MS: Final = 5000
"""So long a lamp is watched."""

_RINGS: Final = 3
_WIRE: Final = "check the wire and the opto-coupler of this line, and its ground"


def hook(bench: Bench) -> Iterator[Reading]:
    """Follow the handset up and down."""
    with Wired(bench.rig) as wired:
        for asked, is_up in ((Ask.REST, False), (Ask.LIFT, True), (Ask.HANG_UP, False)):
            bench.rig.ask(asked)
            wired.wait_for("hook", is_up, PERSON_MS)
            wired.wait(1000)
            found = "off-hook" if wired.level("hook") else "on-hook"
            yield Reading(
                part="hook",
                expected="off-hook" if is_up else "on-hook",
                found=found,
                verdict=fine_if(wired.level("hook") is is_up),
                advice=f"{_WIRE}; always on-hook is also what a cut wire says",
            )


def ring(bench: Bench) -> Iterator[Reading]:
    """Count rings and measure from ring to ring."""
    rings = _Rings(bench.pack.limits.ringing)
    with Wired(bench.rig) as wired:
        bench.rig.ask(Ask.RING)
        wired.wait(RINGING_MS, lambda: rings.have_stopped(wired.edges["ring"], bench.rig.now()))
    if rings.period_ms:
        bench.learned["ring_period_ms"] = rings.period_ms
    yield Reading(
        part="ring lamp",
        expected="four rings, all alike",
        found=f"{rings.count} rings, {_apart(rings.period_ms)}",
        verdict=fine_if(rings.count >= _RINGS and rings.period_ms is not None),
        advice="no ring: the hood is not over the lamp, or it is wired to another input; one long ring: something else "
        "lights the lamp; more than you heard: it flashes within a ring, raise limits.ringing.burst_gap_ms",
    )


class _Rings:
    """Counts the rings on a line whose edges it is shown again and again; `period_ms` once three are alike."""

    def __init__(self, limits: Ringing) -> None:
        self._counter, self._line = RingCounter(limits), Steady(limits.settle_ms)
        self._taken = 0
        self.period_ms: int | None = None

    @property
    def count(self) -> int:
        return self._counter.count

    def have_stopped(self, edges: Sequence[tuple[int, bool]], now: int) -> bool:
        for at, level in edges[self._taken :]:
            self._settle(at)
            self._line.change(at, level)
            self._taken += 1
        self._settle(now)
        due = self._counter.deadline()
        return due is not None and due <= now and not self._counter.pass_deadline()

    def _settle(self, at: int) -> None:
        if self._line.settle(at):
            self._counter.line(self._line.changed_at, bool(self._line.value))
            self.period_ms = self._counter.learned() or self.period_ms


def _apart(period_ms: int | None) -> str:
    return "no two of the same distance" if period_ms is None else f"{period_ms} ms from ring to ring"


def lamp(bench: Bench) -> Iterator[Reading]:
    """Watch the MUTE lamp dark, lit and dark again, as a person works the phone's own key."""
    if not bench.station.mute_lamp:
        yield no_lamp()
        return
    with Wired(bench.rig) as wired:
        bench.rig.ask(Ask.REST)
        wired.wait_for("hook", False, PERSON_MS)
        yield _lamp(wired, bench, is_lit=False, how="dark, the handset down")
        bench.rig.ask(Ask.LIFT)
        wired.wait_for("hook", True, PERSON_MS)
        bench.rig.ask(Ask.KEY_ON)
        wired.wait_for("mute_lamp", True, PERSON_MS)
        yield _lamp(wired, bench, is_lit=True, how="lit, without a break, while the phone shows mute")
        bench.rig.ask(Ask.KEY_OFF)
        wired.wait_for("mute_lamp", False, PERSON_MS)
        yield _lamp(wired, bench, is_lit=False, how="dark again")
        bench.rig.ask(Ask.HANG_UP)
        wired.wait_for("hook", False, PERSON_MS)


def _lamp(wired: Wired, bench: Bench, *, is_lit: bool, how: str) -> Reading:
    began = bench.rig.now()
    wired.wait(WATCH_MS)
    seen = watch(wired.edges["mute_lamp"], began, bench.rig.now())
    return Reading(
        part="MUTE lamp",
        expected=how,
        found=lamp_told(seen),
        verdict=fine_if(seen.is_steady and seen.is_lit is is_lit),
        advice="never lit: move the hood over the lamp, check its polarity; never dark: room light reaches the sensor, "
        "close the hood; it blinks: the device believes no lamp that blinks, say mute_lamp = false in [station]",
    )


def lamp_told(seen: LampSeen) -> str:
    """Return for people how a lamp behaved."""
    if seen.is_steady:
        return f"{'lit' if seen.is_lit else 'dark'} all the time"
    period = "" if seen.period_ms is None else f", every {seen.period_ms} ms"
    return f"blinks{period}: {seen.turns} turns, lit {seen.lit_pct} % of the time"


def no_lamp() -> Reading:
    """Return what is said where the settings know of no lamp."""
    return Reading(
        part="MUTE lamp",
        expected="mute_lamp = false in the settings: the lamp is not sensed",
        found="left out",
        verdict=Verdict.LEFT_OUT,
        advice="",
    )
