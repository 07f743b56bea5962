"""How is a desk looked after? Settings, speech models, screens and what is missing: the commands for IT."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pi_companion.errors import UsageError

model_app = typer.Typer(no_args_is_help=True, help="Speech models: which are there, are they whole, get another one.")
config_app = typer.Typer(no_args_is_help=True, help="Settings of this desk: check a site file, show what is in effect.")

out = Console()
err = Console(stderr=True)

SiteOption = Annotated[
    Path | None,
    typer.Option("--site", metavar="FILE", help="Site file; default $PI_COMPANION_SITE or the system's, if any."),
]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says against a place that a person named into one message."""
    try:
        yield
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}"
        raise UsageError(message) from error


@model_app.command("list")
def model_list(site: SiteOption = None) -> None:
    """List the models: bundled, installed, and known ones that can be installed; * is in use."""
    from pi_companion import config
    from pi_companion.speech import models

    in_use = models.resolve(None, config.load(site).speech.model or None)
    for listed in models.listing(in_use):
        mark = "*" if listed.is_in_use else " "
        size = f"{listed.size_bytes / 1e6:.1f} MB" if listed.size_bytes else ""
        where = listed.path or f"pi-companion model install {listed.name}"
        out.print(f"{mark} {listed.name:<28}{listed.state:<11}{size:>9}  {where}", highlight=False, soft_wrap=True)


@model_app.command("verify")
def model_verify(
    name: Annotated[str, typer.Argument(metavar="[NAME|PATH]", help="Default: the model in use.")] = "",
    site: SiteOption = None,
) -> None:
    """Check that a model is whole: files, checksums, and that Vosk loads it."""
    from pi_companion import config
    from pi_companion.speech import models, vosk_recogniser

    chosen = models.resolve(name or None, config.load(site).speech.model or None)
    models.check(chosen.path)
    vosk_recogniser.load(chosen.path)
    out.print(f"{chosen.name} is whole ({chosen.source}): {chosen.path}", soft_wrap=True)


@model_app.command("install")
def model_install(
    name: Annotated[
        str, typer.Argument(metavar="NAME|ZIP|DIR", help="A known model's name (downloads), a zip, or a model folder.")
    ],
) -> None:
    """Install a model: download with resume, or take a zip or folder; verified before it is put in place."""
    from rich.progress import Progress

    from pi_companion.speech import models

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(name, total=None)
        installed = models.install(
            name, progress=lambda done, total: progress.update(task, completed=done, total=total)
        )
    out.print(f"installed {installed.name}: {installed.path}", soft_wrap=True)


@config_app.command("check")
def config_check(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Default: the site file in effect.")] = None,
) -> None:
    """Check a site file, its stations, what was learned at this desk, and the rule pack; every mistake at once."""
    from pi_companion import config
    from pi_companion.adapters import gallery
    from pi_companion.errors import ConfigError
    from pi_companion.site import stations, taking

    site = config.load(file, is_live=True)
    has_stations = site.file is not None and (site.file.parent / stations.FILE).is_file()
    if has_stations and site.file is not None and (wrong := taking.check(site.file.parent)):
        raise ConfigError(site.file.parent, map(str, wrong))
    pack = config.pack_of(site)
    gallery.require_fit(pack, site.station, site.pack_path)
    out.print(f"settings are in order; rule pack {pack.name} {pack.version}, {len(pack.rules)} rules")


@config_app.command("show")
def config_show(site: SiteOption = None) -> None:
    """Print the settings in effect as a site file, what was learned included, each with its meaning and range."""
    from pi_companion import config

    print(config.document(config.load(site, is_live=True)), end="")


def screens(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the pictures go; made if missing.")],
    site: SiteOption = None,
) -> None:
    """Draw every OLED screen as PNG, also four times enlarged, and all of them on one sheet.

    With --site in the words of its rule pack and for its station.
    """
    from pi_companion import config
    from pi_companion.adapters import gallery

    shown = None
    if site is not None:
        settings = config.load(site)
        pack = config.pack_of(settings)
        gallery.require_fit(pack, settings.station, settings.pack_path)
        shown = gallery.samples(pack, settings.station)
    with writing(directory):
        written = gallery.write(directory, shown=shown)
    out.print(f"{len(written)} pictures in {directory}; all of them at once: {directory / 'all.png'}")


def doctor(
    site: SiteOption = None,
    timing: Annotated[
        bool, typer.Option("--timing", help="Start the device once instead, and say how long it took, and stop it.")
    ] = False,
    simulated_board: Annotated[
        bool,
        typer.Option(
            "--simulated-board",
            help="Test the program on simulated parts in place of this machine's; with --timing: start it on them.",
        ),
    ] = False,
) -> None:
    """Say what is present, what is missing for the live device, and what to do about it. Exit 5 if it cannot run."""
    if timing:
        _time_a_start(site, is_simulated=simulated_board)
        return
    from pi_companion.doctor import examine

    simulated = None
    if simulated_board:
        from pi_companion.bench import self_test

        simulated = self_test.looks
        out.print("Sound card, GPIO, harness and OLED are simulated: nothing is said about those of this machine.")
    findings = examine(site, simulated)
    for finding in findings:
        out.print("✓" if finding.is_fine else "✗", style="green" if finding.is_fine else "red", end=" ")
        out.print(f"{finding.part:<14}{finding.found}", markup=False, highlight=False, soft_wrap=True)
    if not all(finding.is_fine for finding in findings):
        if simulated_board:
            raise typer.Exit(5)
        out.print("The live device cannot run here; demo, replay and score can: pi-companion demo")
        raise typer.Exit(5)


def _time_a_start(site: Path | None, *, is_simulated: bool) -> None:
    from pi_companion.live.timing import measure

    options = [*(["--site", str(site)] if site else []), *(["--simulated-board"] if is_simulated else [])]
    for reached in measure([sys.executable, "-m", "pi_companion", "run", *options]):
        out.print("✓" if reached.is_in_time else "✗", style="green" if reached.is_in_time else "red", end=" ")
        told = f"exec to {reached.what:<10}{reached.after_ms:>6} ms, wanted {reached.target_ms} ms"
        told = f"{told} (processor: {reached.cpu_ms} ms)"
        out.print(told + (", simulated board" if is_simulated else ""), highlight=False, soft_wrap=True)
