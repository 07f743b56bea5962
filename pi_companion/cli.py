"""What can be done at a terminal? One command, one function; heavy libraries are loaded by the command that needs them.

Exit codes: 0 done · 1 a defect of ours · 2 wrong usage · 3 a mistake in a file (settings, pack, call folder) ·
4 speech model · 5 hardware or its libraries · 6 given up starting · 130 stopped with Ctrl-C.
"""

import io
import json
import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pi_companion import __version__
from pi_companion.cli_board import board
from pi_companion.cli_device import ModelOption, load_device
from pi_companion.cli_fleet import fleet_app
from pi_companion.cli_live import run, status
from pi_companion.cli_pack import pack_app
from pi_companion.cli_release import release
from pi_companion.cli_site import site_app
from pi_companion.cli_station import calibrate
from pi_companion.cli_upkeep import SiteOption, config_app, doctor, err, model_app, out, screens, writing
from pi_companion.errors import CompanionError, UsageError

if TYPE_CHECKING:
    from pi_companion.session.codec import Event
    from pi_companion.session.folder import CallFolder

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Desk-phone companion: counts rings, coaches a call, presses one MUTE key. Offline.",
    epilog="Exit codes: 0 done, 1 a defect of ours, 2 wrong usage, 3 a mistake in a file, 4 speech model, "
    "5 hardware or its libraries, 6 given up starting, 130 Ctrl-C. Start with: pi-companion demo",
)
app.add_typer(model_app, name="model")
app.add_typer(config_app, name="config")
app.add_typer(pack_app, name="pack")
app.add_typer(site_app, name="site")
app.add_typer(fleet_app, name="fleet")

Folders = Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Call folders (call.toml, audio, lines).")]


class PaceOption(StrEnum):
    """How fast a replay runs."""

    REAL = "real"
    FAST = "fast"


def _folders(paths: list[Path]) -> "list[CallFolder]":
    from pi_companion.session import folder

    return [folder.load(path) for path in paths]


@app.command()
def demo(
    call: Annotated[
        str, typer.Argument(metavar="[CALL]", help="Name of a bundled call, or a call folder.")
    ] = "06-talks-over",
    fast: Annotated[bool, typer.Option("--fast", help="As fast as this machine can, not in real time.")] = False,
    model: ModelOption = "",
) -> None:
    """Play a whole call on a simulated desk phone: screens, lights, MUTE key, what was heard and why it nudged."""
    from pi_companion.bench.calls import bundled_call
    from pi_companion.bench.demo import DemoView
    from pi_companion.reading import is_folder
    from pi_companion.session.replay import no_wait, real_time, replay

    path = Path(call) if is_folder(Path(call)) else bundled_call(call)
    (folder,) = _folders([path])
    device = load_device(None, model)
    out.print(
        f"Replaying {folder.path.name} on simulated hardware with the speech model "
        f"{device.model.name if device.model else 'off'}; Ctrl-C stops."
    )
    with DemoView(out, folder.title) as view:
        replay(
            folder,
            device,
            lambda _event: None,
            wait=no_wait if fast else real_time(),
            performers=[view.perform],
            watchers=[view.watch],
        )
    if not out.is_terminal:
        out.print(view.card_picture())


@app.command()
def replay(  # noqa: PLR0917 - typer makes options of them
    folders: Folders,
    events: Annotated[
        str, typer.Option("--events", metavar="-|FILE", help="Write the event stream (JSON Lines) here; - is stdout.")
    ] = "",
    show_text: Annotated[
        bool,
        typer.Option("--show-text", help="Also print recognised words, on standard output only."),
    ] = False,
    pace: Annotated[
        PaceOption, typer.Option("--pace", help="Real time, or as fast as this machine can.")
    ] = PaceOption.FAST,
    frames: Annotated[
        Path | None, typer.Option("--frames", metavar="DIR", help="Write every OLED picture here as PNG.")
    ] = None,
    site: SiteOption = None,
    model: ModelOption = "",
) -> None:
    """Put recorded calls through the device and print everything it does. Simulated phone and board."""
    from pi_companion.bench.demo import explain
    from pi_companion.bench.frames import FrameWriter
    from pi_companion.session import codec
    from pi_companion.session.replay import no_wait, real_time
    from pi_companion.session.replay import replay as play

    if show_text and events not in {"", "-"}:
        message = "--show-text prints recognised words, and those never go to a file: use --events - or leave it out"
        raise UsageError(message)
    calls = _folders(folders)
    device = load_device(site, model)
    with ExitStack() as stack:
        sink = sys.stdout if events == "-" else None
        if events not in {"", "-"}:
            with writing(Path(events)):
                sink = stack.enter_context(Path(events).open("w", encoding="utf-8"))

        def emit(event: "Event") -> None:
            if sink is not None:
                print(codec.line(event), file=sink, flush=pace is PaceOption.REAL)
            elif event["kind"] == "heard":
                if event["final"]:
                    spoken = f"{event['at']:>8}  {event['side']}: {event['text']}"
                    out.print(spoken, markup=False, highlight=False, soft_wrap=True)
            elif (said := explain(event)) is not None:
                out.print(f"{event['at']:>8}  {said}", markup=False, highlight=False, soft_wrap=True)

        for folder in calls:
            if sink is not sys.stdout:
                out.print(f"{folder.path.name}: {folder.title}", style="bold", markup=False, soft_wrap=True)
            performers = []
            if frames:
                with writing(frames):
                    performers = [FrameWriter(frames / folder.path.resolve().name).perform]
            play(
                folder,
                device,
                emit,
                wait=real_time() if pace is PaceOption.REAL else no_wait,
                is_text_shown=show_text,
                performers=performers,
            )


@app.command()
def score(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER...]", help="Call folders with truth.")
    ] = None,
    drill: Annotated[
        Path | None, typer.Option("--drill", metavar="DIR", help="Also a folder of single utterances (drill.tsv).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")] = False,
    site: SiteOption = None,
    model: ModelOption = "",
) -> None:
    """Replay calls and compare with their expected.jsonl: hits, misses, false alarms, latency, mute, pace."""
    from rich.progress import Progress

    from pi_companion.evaluation import drilling
    from pi_companion.session import score as scoring
    from pi_companion.session.replay import replay as play

    if not folders and drill is None:
        message = "nothing to score: give call folders, or --drill DIR"
        raise UsageError(message)
    calls = _folders(folders or [])
    without = [str(folder.path) for folder in calls if folder.truth is None]
    if without:
        message = f"nothing to compare with, expected.jsonl is missing in: {', '.join(without)}"
        raise UsageError(message)
    device = load_device(site, model)
    scores = []
    with Progress(console=err, transient=True) as progress:
        for folder in progress.track(calls, description="replaying"):
            stream: list[Event] = []
            play(folder, device, stream.append)
            scores.append(scoring.score(stream, folder.truth or ()))
    total = scoring.combine(scores)
    drilled = drilling.run_drill(drill, device, err) if drill is not None else None
    if as_json:
        result = (scoring.as_json(total) if calls else {}) | (drilling.drill_json(drilled) if drilled else {})
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    if calls:
        out.print(scoring.as_table(total, title=", ".join(folder.path.name for folder in calls)))
    if drilled:
        out.print(drilling.drill_tables(drilled))


app.command()(run)
app.command()(status)


@app.command()
def bench(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER...]", help="Default: the bundled calls.")
    ] = None,
    model: ModelOption = "",
) -> None:
    """Measure in one run: CPU against bare Vosk, our own share, latency in audio time, memory."""
    from pi_companion.bench.calls import bundled_calls
    from pi_companion.bench.measure import measure, report

    device = load_device(None, model)
    if device.loaded is None:
        message = "bench compares with Vosk and needs a model"
        raise UsageError(message)
    calls = _folders(folders or bundled_calls())
    if silent := [str(folder.path) for folder in calls if folder.audio is None]:
        message = f"bench measures speech; no audio in: {', '.join(silent)}"
        raise UsageError(message)
    found = measure(calls, device, lambda told: err.print(told, style="dim"))
    out.print(report(found))


app.command()(calibrate)
app.command()(screens)
app.command()(doctor)
app.command()(board)
app.command()(release)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pi-companion {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""


def main() -> None:
    """Run the command line; an error we raise on purpose is one message and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text, a terminal may lack 汉字
    try:
        app()
    except CompanionError as error:
        err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
