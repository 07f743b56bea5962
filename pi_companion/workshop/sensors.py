"""What do the unit's own sensors say? Buttons, harness, distance, and everything at once."""

from collections.abc import Iterator
from typing import Final

from pi_companion.adapters.harness import read_once
from pi_companion.core.buttons import Buttons
from pi_companion.core.facts import Button
from pi_companion.core.harness import HarnessState, told
from pi_companion.errors import HardwareError
from pi_companion.pinout import Pinout
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.reading import Reading, Verdict, fine_if
from pi_companion.workshop.rig import Ask
from pi_companion.workshop.wired import Wired

PERSON_MS: Final = 30_000
LIVE_MS: Final = 10_000
"""So long changes are told as they come."""

_MEASURES: Final = 8
_SPREAD_MM: Final = 30
_NAMES: Final = {
    "ring": ("ring lamp", "lit", "dark"),
    "hook": ("hook", "off-hook", "on-hook"),
    "mute_lamp": ("MUTE lamp", "lit", "dark"),
    "busy_lamp": ("小休 lamp", "lit", "dark"),
}


def levels(bench: Bench) -> Iterator[Reading]:
    """Say what every sensor says at rest, then every change as it comes."""
    bench.rig.ask(Ask.REST)
    with Wired(bench.rig, has_busy_lamp=bench.station.busy_lamp) as wired:
        names = [name for name in _NAMES if wired.edges[name]]
        at_rest = ", ".join(_level(name, wired.level(name)) for name in names)
        is_quiet = not any(wired.level(name) for name in names)
        bench.rig.ask(Ask.TRY)
        began = bench.rig.now()
        told_to = {name: len(wired.edges[name]) for name in names}
        presses = 0

        def tell() -> bool:
            nonlocal presses
            for name in names:
                for at, level in wired.edges[name][told_to[name] :]:
                    bench.say(f"  {(at - began) / 1000:5.1f} s  {_level(name, level)}")
                told_to[name] = len(wired.edges[name])
            for press in wired.presses[presses:]:
                bench.say(f"  {(press.at - began) / 1000:5.1f} s  {press.button} button")
            presses = len(wired.presses)
            return False

        wired.wait(LIVE_MS, tell)
    yield Reading(
        part="levels",
        expected="at rest: " + ", ".join(_level(name, False) for name in names),
        found=at_rest,
        verdict=fine_if(is_quiet),
        advice="whatever is not at rest: its step says what to do (hook, ring, lamp)",
    )
    yield from harness(bench)
    yield from distance(bench)


def _level(name: str, is_active: bool) -> str:
    what, yes, no = _NAMES[name]
    return f"{what} {yes if is_active else no}"


def buttons(bench: Bench) -> Iterator[Reading]:
    """Wait for each of the three buttons."""
    settled = Buttons(bench.pack.limits.line.button_settle_ms)
    with Wired(bench.rig) as wired:
        bench.rig.ask(Ask.BUTTONS)
        wired.wait(PERSON_MS, lambda: {press.button for press in wired.presses} == {*Button})
        wired.wait(500)
        pressed = [press.button for press in wired.presses if settled.is_press(press)]
    yield Reading(
        part="buttons",
        expected=", ".join(Button),
        found=", ".join(pressed) or "none",
        verdict=fine_if(pressed == [*Button]),
        advice="another order: swap the wires; one that is missing: its wire to ground; twice: the contact bounces for "
        "longer than limits.line.button_settle_ms",
    )


def harness(bench: Bench) -> Iterator[Reading]:
    """Read the station's code."""
    found = read_once(Pinout(), bench.rig.factory, lambda seconds: bench.rig.wait(round(seconds * 1000)))
    yield Reading(
        part="harness",
        expected="the code on the harness's label, three lines at ground",
        found=told(found),
        verdict=fine_if(found.state is HarnessState.READ),
        advice="another code or none: compare the straps with the wiring list, one line at a time; a harness that is "
        "right at another unit: this unit's six wires",
    )


def distance(bench: Bench) -> Iterator[Reading]:
    """Measure how far away somebody sits."""
    limits, upright_mm = bench.pack.limits.seat, bench.station.seat_upright_mm
    if not bench.station.seat_sensor:
        expected = "seat_sensor = false in the settings: none is fitted"
        yield Reading(part="distance", expected=expected, found="left out", verdict=Verdict.LEFT_OUT, advice="")
        return
    bench.rig.ask(Ask.SIT)
    expected = f"a distance up to {limits.absent_mm} mm that stays within {_SPREAD_MM} mm"
    advice = (
        "nothing answers: its four wires, pi-companion doctor; far too near: the window's cover is not clear of it; "
        "unsteady: aim it at the chest, not at an arm or a screen"
    )
    with Wired(bench.rig):  # the bus belongs to whoever has the lines
        try:
            measured = _measure(bench)
        except HardwareError as error:
            yield Reading(part="distance", expected=expected, found=str(error), verdict=Verdict.WRONG, advice=advice)
            return
    found = "nothing near"
    if measured:
        found = f"{sorted(measured)[len(measured) // 2]} mm, within {max(measured) - min(measured)} mm"
        found += f"; upright is {upright_mm} mm" if upright_mm else "; not calibrated: pi-companion calibrate"
    is_fine = bool(measured) and max(measured) <= limits.absent_mm and max(measured) - min(measured) <= _SPREAD_MM
    yield Reading(part="distance", expected=expected, found=found, verdict=fine_if(is_fine), advice=advice)


def _measure(bench: Bench) -> list[int]:
    sensor = bench.rig.open_sensor()
    try:
        readings = [sensor.measure() for _ in range(_MEASURES)]
    finally:
        sensor.close()
    return [reading.distance_mm for reading in readings if reading is not None and reading.distance_mm is not None]
