"""How does a desk learn what is usual at it? `calibrate`: on the device's screen and buttons, and at the terminal."""

import sys
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from pi_companion.cli_device import ModelOption, live_recogniser, load_device
from pi_companion.cli_upkeep import SiteOption, out
from pi_companion.errors import HardwareError

if TYPE_CHECKING:
    from pi_companion.config import Site
    from pi_companion.core.calibration import Calibration
    from pi_companion.core.effects import Effect
    from pi_companion.core.settings import Pack, Station
    from pi_companion.live.service import Live
    from pi_companion.station_file import Keep

KEYS = "Enter 恢复键: go on    s Enter 翻页键: skip    q Enter 勿扰键: stop, keep nothing"


def calibrate(
    call: Annotated[
        Path | None,
        typer.Option("--call", metavar="FOLDER", help="Take a call folder's input, on simulated hardware."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write", metavar="FILE", help="Station file to store it in; default: this desk's; --call: none."
        ),
    ] = None,
    site: SiteOption = None,
    model: ModelOption = "",
) -> None:
    """Measure how the agent sits and speaks at this desk, in under two minutes, and store it in the station file.

    Sit upright, read a sentence aloud; resume button or Enter goes on. Nothing tells later who sat there.
    """
    from pi_companion import config, station_file

    walk = _Walk()
    keep: Keep | None = None
    if call is None:
        from pi_companion.live.parts import read_harness
        from pi_companion.site import identity

        who = identity.settle(site, read_harness)
        if write is None and who.seat.has_stations:
            if who.record is None:
                raise HardwareError("the harness names no station of this site: nobody's calibration is measured")
            keep = who.record.store
        else:
            write = write or config.station_path(who.site)
        _walk_live(walk, who.site, write, site, model)
    else:
        if write is not None:
            station_file.require_writable(write)
        _walk_through(walk, call, site, model)
    found, before = walk.calibration.measured, walk.station
    learned = {name: value for name, value in asdict(found).items() if value is not None}
    for name, value in asdict(found).items():
        was = getattr(before, name)
        told = f"{name}: not measured, stays {was}" if value is None else f"{name} = {value} (was {was})"
        out.print(f"  {told}", markup=False, highlight=False, soft_wrap=True)
    if not learned:
        out.print("nothing was measured, nothing is stored")
    elif keep is not None:
        keep(learned)
        out.print("stored for the station that the harness names; the device reads it when it starts")
    elif write is None:
        out.print("nothing is stored: this was a call folder; --write FILE stores it", soft_wrap=True)
    else:
        station_file.store(write, learned)
        out.print(
            f"stored in {write}; the device reads it when it starts", markup=False, highlight=False, soft_wrap=True
        )


def _walk_live(walk: "_Walk", settings: "Site", write: Path | None, site: Path | None, model: str) -> None:
    from pi_companion import station_file
    from pi_companion.live import instance
    from pi_companion.live.parts import open_parts
    from pi_companion.live.service import Live

    with instance.alone(instance.folder()):
        parts = open_parts(settings)
        recogniser, _ = live_recogniser(site, model)
        live = Live(settings, parts, recogniser, new_mind=walk.begin, performers=[walk.perform])
        if write is not None:
            station_file.require_writable(write)
        out.print(KEYS, style="dim", highlight=False, soft_wrap=True)
        Thread(target=_listen, args=(live,), daemon=True).start()
        live.run(lambda: walk.calibration.is_over)
    if not walk.calibration.is_over:
        out.print("interrupted: nothing is stored")
        raise typer.Exit(130)


def _listen(live: "Live") -> None:
    """Take what is typed as presses of the device's buttons, until there is no more."""
    from pi_companion.core.facts import Button

    buttons = {"": Button.RESUME, "s": Button.PAGE, "q": Button.SNOOZE}
    for line in sys.stdin:
        if (button := buttons.get(line.strip().lower())) is not None:
            live.press(button)


def _walk_through(walk: "_Walk", call: Path, site: Path | None, model: str) -> None:
    from pi_companion.session import folder
    from pi_companion.session.replay import replay

    opened = folder.load(call)
    out.print(f"{opened.path.name}: {opened.title}; on simulated hardware", markup=False, soft_wrap=True)
    replay(opened, load_device(site, model), lambda _event: None, performers=[walk.perform], new_mind=walk.begin)


class _Walk:
    """One calibration, and what it shows, printed as well."""

    calibration: "Calibration"
    station: "Station"

    def __init__(self) -> None:
        self._printed: tuple[str, ...] = ()

    def begin(self, pack: "Pack", station: "Station") -> "Calibration":
        from pi_companion.core.calibration import Calibration

        self.calibration, self.station = Calibration(pack, station), station
        return self.calibration

    def perform(self, effect: "Effect") -> None:
        """Print a screen; of a countdown only its start."""
        from pi_companion.core.effects import ShowScreen

        if isinstance(effect, ShowScreen) and effect.screen.lines[:2] != self._printed:
            title, text, hint = effect.screen.lines
            self._printed = (title, text)
            told = f"{title}  {text}  [{hint}]" if hint else f"{title}  {text}"
            out.print(told, markup=False, highlight=False, soft_wrap=True)
