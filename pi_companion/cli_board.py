"""How is a unit tried part by part? `board`: for the workshop, and at the desk where a new phone is taught."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pi_companion.cli_upkeep import SiteOption, out
from pi_companion.errors import HardwareError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pi_companion.config import Site
    from pi_companion.station_file import Keep
    from pi_companion.workshop.bench import Bench
    from pi_companion.workshop.reading import Reading
    from pi_companion.workshop.rig import Rig
    from pi_companion.workshop.steps import Step


def board(  # noqa: PLR0917 - typer makes options of them
    step: Annotated[str, typer.Option("--step", metavar="NAME", help="Do this step alone, and ask for no Enter.")] = "",
    is_listed: Annotated[bool, typer.Option("--list", help="List the steps; nothing is touched.")] = False,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="A simulated unit and phone, and somebody who does as asked.")
    ] = False,
    test_call: Annotated[
        bool,
        typer.Option(
            "--test-call", help="No customer hears the MUTE key pressed. At a terminal you are asked instead."
        ),
    ] = False,
    learn: Annotated[
        bool, typer.Option("--learn", help="Keep in the station file what ring and pulse find out about this phone.")
    ] = False,
    site: SiteOption = None,
) -> None:
    """Try a unit part by part: LEDs, OLED, buttons, harness, lamps, MUTE key, both sides. Exit 5 if one is not right.

    Each reading says what was expected, what was found and what to do. Never while the device runs.
    """
    from pi_companion.workshop.reading import Verdict
    from pi_companion.workshop.steps import STEPS, named

    if is_listed:
        for each in STEPS:
            out.print(f"{each.name:<10}{each.does}", markup=False, highlight=False, soft_wrap=True)
        return
    if simulated and learn:
        raise UsageError("--learn keeps what a real phone does; a simulated one teaches nothing")
    steps = (named(step),) if step else tuple(each for each in STEPS if not each.is_taught)
    with _desk(site, is_simulated=simulated, is_test_call=test_call) as (rig, settings, keep):
        if learn and keep is None:
            raise HardwareError("--learn: the harness names no station of this site; plug in the station's own harness")
        bench = _bench(settings, rig)
        readings = list(_walk(bench, steps, is_asking=not step and sys.stdin.isatty()))
        _keep(bench.learned, keep if learn else None)
    if not step:
        _sum_up(readings)
    if any(reading.verdict is Verdict.WRONG for reading in readings):
        raise typer.Exit(5)


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _answer(question: str) -> str:
    """Return what is typed; whoever types no more wants to stop."""
    try:
        return input(question).strip().lower()
    except EOFError:
        return "q"


@contextmanager
def _desk(
    site_file: "Path | None", *, is_simulated: bool, is_test_call: bool
) -> "Iterator[tuple[Rig, Site, Keep | None]]":
    """Open the unit, alone on this machine, or a simulated one; with its settings, and what keeps what is learned."""
    from dataclasses import replace

    from pi_companion import config

    if is_simulated:
        from pi_companion.bench.workshop import SimulatedRig

        _say("on simulated hardware")
        site = config.load(site_file, is_live=True)
        yield SimulatedRig(_say), replace(site, station=replace(site.station, seat_sensor=True)), None
        return
    from pi_companion.live import instance
    from pi_companion.live.parts import read_harness
    from pi_companion.site import identity
    from pi_companion.workshop.rig import DeskRig, Look

    def confirms(what: Look) -> bool | None:
        if not sys.stdin.isatty():
            return True if what is Look.TEST_CALL and is_test_call else None
        return _answer(f"  is it so: {what}? [y/n] ") == "y"

    with instance.alone(instance.folder()):
        who = identity.settle(site_file, read_harness)
        keep = None if who.seat.has_stations and who.record is None else who.keep
        with DeskRig(who.site, _say, confirms) as rig:
            yield rig, who.site, keep


def _bench(settings: "Site", rig: "Rig") -> "Bench":
    from pi_companion import config
    from pi_companion.workshop.bench import Bench

    return Bench(rig=rig, station=settings.station, pack=config.pack_of(settings), say=_say, learned={})


def _walk(bench: "Bench", steps: "tuple[Step, ...]", *, is_asking: bool) -> "Iterator[Reading]":
    """Do the steps, each reading told as it comes; `is_asking`: an Enter before each, s to skip, q to stop."""
    from pi_companion.workshop.reading import told

    for number, step in enumerate(steps, 1):
        place = f"step {number} of {len(steps)}, " if len(steps) > 1 else ""
        _say(f"{place}{step.name}: {step.does}")
        if is_asking:
            answer = _answer("  Enter: begin    s Enter: skip    q Enter: stop ")
            if answer == "q":
                return
            if answer == "s":
                continue
        for reading in step.read(bench):
            for line in told(reading):
                _say(line)
            yield reading


def _keep(learned: dict[str, int], keep: "Keep | None") -> None:
    if not learned:
        return
    found = ", ".join(f"{name} = {value}" for name, value in learned.items())
    if keep is None:
        _say(f"found of this phone: {found}; --learn keeps it for the station")
        return
    keep(learned)
    _say(f"kept for this station: {found}; the device reads it when it starts")


def _sum_up(readings: "list[Reading]") -> None:
    from pi_companion.workshop.reading import Verdict

    wrong = [reading.part for reading in readings if reading.verdict is Verdict.WRONG]
    to_see = [reading.part for reading in readings if reading.verdict is Verdict.LOOK]
    _say(f"{len(readings)} readings; not as expected: {', '.join(wrong) or 'none'}")
    if to_see:
        _say(f"nobody said whether these are right: {', '.join(to_see)}")
