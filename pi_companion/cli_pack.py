"""How is a rule pack changed? Copy it, edit it, have it checked: the commands for who looks after the wording."""

from pathlib import Path
from typing import Annotated

import typer

from pi_companion.cli_upkeep import SiteOption, err, out, writing
from pi_companion.errors import PackError, UsageError

pack_app = typer.Typer(no_args_is_help=True, help="Rule packs: what is listened for. Copy one, change it, check it.")


@pack_app.command("check")
def pack_check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Default: the rule pack in effect (the bundled one).")
    ] = None,
    model: Annotated[
        str,
        typer.Option("--model", metavar="NAME|PATH", help="Speech model that must hear it; [bold]none[/bold]: any."),
    ] = "",
    site: SiteOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only warnings and errors.")] = False,
) -> None:
    """List what a rule pack listens for; fail on what the model can never hear, or a line to say that is a fault."""
    from pi_companion import config
    from pi_companion.adapters import gallery
    from pi_companion.packs import BUNDLED, hearable, listing, load_pack, soundalikes, written
    from pi_companion.speech import models, vocabulary, vosk_recogniser

    settings = config.load(site)
    path = file or settings.pack_path
    names = settings.station.names
    pack = load_pack(path, names=names) if file else config.pack_of(settings)
    entries = written.entries(path, pack, names)
    limits = pack.limits.spotting
    with err.status("listening for every phrase in every other"):
        known, deaf, hearing = None, [], ""
        if model != "none":
            chosen = models.resolve(model or None, settings.speech.model or None)
            models.check(chosen.path)
            hearing = chosen.name
            known = vocabulary.of_model(vosk_recogniser.load(chosen.path), hearing)
            deaf = hearable.findings(entries, limits, known, hearing)
        alike = soundalikes.alikes(entries, pack, known)
    found = deaf + soundalikes.findings(alike)
    if not quiet:
        out.print(listing.listing(entries, limits, known))
        out.print(listing.legend(entries, known, hearing), "", style="dim", highlight=False, markup=False, sep="\n")
        if (excused := listing.excused(alike)) is not None:
            out.print("Sounds like a fault, and a polite form keeps it from being one:", style="bold")
            out.print(excused, "")
    source = path or BUNDLED.name
    warnings = [each for each in found if not each.is_error]
    for each in warnings:
        err.print(f"warning: {source}: {each}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    errors = [str(each) for each in found if each.is_error] + gallery.complaints(pack, settings.station)
    if errors:
        raise PackError(source, errors)
    if not quiet:
        phrases = sum(not entry.is_polite for entry in entries)
        heard = f"all can be heard by {hearing}" if hearing else "no model was asked whether it can hear them"
        told = f"{pack.name} {pack.version}: {len(pack.rules)} rules, {phrases} phrases, {heard}"
        out.print(f"{told}; {len(warnings)} warnings", highlight=False, soft_wrap=True)


@pack_app.command("copy")
def pack_copy(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; must not be there yet.")],
) -> None:
    """Write a copy of the bundled rule pack, to be changed and named in the site file."""
    from pi_companion.packs import BUNDLED
    from pi_companion.reading import is_there

    if is_there(file):
        raise UsageError(f"{file}: is already there; name another file, or move it away")
    with writing(file):
        file.write_bytes(BUNDLED.read_bytes())
    out.print(f"{file}: change it, then: pi-companion pack check {file}", markup=False, highlight=False, soft_wrap=True)
