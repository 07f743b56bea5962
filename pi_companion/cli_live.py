"""How is the live device run, and asked how it is? `run` and `status`; what is typed at a desk trial is in `bench`."""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pi_companion import __version__
from pi_companion.cli_device import ModelOption, live_recogniser
from pi_companion.cli_upkeep import SiteOption, err, out
from pi_companion.errors import CompanionError, UsageError

_TAKEN_S = 30
"""Far more than it takes systemd to stop this program for a reset."""

if TYPE_CHECKING:
    from pi_companion.adapters.oled import Oled
    from pi_companion.core.harness import HarnessChanged
    from pi_companion.live.offer_watch import OfferWatch
    from pi_companion.live.service import Live
    from pi_companion.shell import Look
    from pi_companion.site.identity import Identity
    from pi_companion.site.stations import Record


def run(
    *,
    simulated_board: Annotated[
        bool,
        typer.Option(
            "--simulated-board",
            help="Desk trial: any sound card or none, no pins; phone, buttons and OLED are in this terminal.",
        ),
    ] = False,
    harness: Annotated[
        str,
        typer.Option(
            "--harness",
            metavar="LINES",
            help="Desk trial: plug in a harness that has these lines at ground, like 4,8,parity.",
        ),
    ] = "",
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Desk trial: keep what the OLED shows in this PNG."),
    ] = None,
    deaf: Annotated[
        bool, typer.Option("--deaf", help="Desk trial: look for no sound card and miss none; nothing is heard.")
    ] = False,
    site: SiteOption = None,
    model: ModelOption = "",
) -> None:
    """Run the live device. Only the GPIO chip must be there (else exit 5); a card or panel that is not is looked for.

    SIGTERM or Ctrl-C ends it: MUTE contact open, LEDs dark. It logs JSON lines of states, rule ids and counts, no word.
    """
    from pi_companion.live import instance

    if not simulated_board and (harness or picture or deaf):
        raise UsageError("--harness, --picture and --deaf are a desk trial's: add --simulated-board")
    place = instance.folder(is_trial=simulated_board)
    with instance.alone(place), _without_words():
        if simulated_board:
            _try_at_desk(place, site, model, harness=harness, picture=picture, is_deaf=deaf)
        else:
            _serve(place, site, model)


def _serve(place: Path, site: Path | None, model: str) -> None:
    """Run on the real pins. What is heavy is imported while the splash stands."""
    from pi_companion.live import starts, startup
    from pi_companion.live.notify import Notify

    notify = Notify(os.environ)
    with startup.starting(site, tell=notify.status) as splash:
        _heed_a_reset(site)
        from pi_companion.live import journal
        from pi_companion.live.parts import open_parts, read_harness
        from pi_companion.live.service import Live

        who, offers, looks = _settle(site, read_harness)
        recogniser, name = live_recogniser(site, model)
        splash.close()
        with journal.written():
            live = Live(
                who.site,
                open_parts(who.site),
                recogniser,
                performers=[offers.perform],
                looks=looks,
                seat=who.seat,
                keep=who.keep,
                model=name,
                notify=notify,
                when_ready=splash.ready,
            )
            _run(live, place, who.record)
            if live.is_leaving:
                starts.leave()


def _settle(
    site: Path | None, read_harness: "Callable[[], HarnessChanged]"
) -> "tuple[Identity, OfferWatch, tuple[Look, ...]]":
    """Return which station this is, who is told what a button says, and who looks for what there is for it."""
    from pi_companion.live import instance
    from pi_companion.live.offer_watch import OfferWatch, Source
    from pi_companion.live.profile_watch import ProfileWatch
    from pi_companion.site import identity, stick, updating
    from pi_companion.site_file import RUN

    who, answers = identity.settle(site, read_harness, run=RUN, result=updating.result(RUN)), instance.folder()
    offers = OfferWatch(
        who.seat,
        who.record.learned if who.record else dict,
        who.keep,
        version=updating.version(program=__version__),
        sources=(
            Source(run=stick.RUN, answers=answers / stick.ANSWER),
            Source(run=updating.RUN, answers=answers / updating.ANSWER),
        ),
    )
    return who, offers, (offers.look, ProfileWatch(who.seat, who.record).look)


def _heed_a_reset(site: Path | None) -> None:
    """While both buttons are held count down; then leave the request, and wait to be stopped by who takes it."""
    from pi_companion.adapters.pins import open_chip
    from pi_companion.live import resetting, startup

    if resetting.is_wanted(open_chip, lambda: startup.splash_panel(site), time.sleep) and resetting.ask():
        time.sleep(_TAKEN_S)


def _try_at_desk(
    place: Path, site: Path | None, model: str, *, harness: str, picture: Path | None, is_deaf: bool
) -> None:
    """Run on a simulated board, after the same splash on one of its own: `doctor --timing` hears of both moments.

    What is learned from a simulated phone is kept only for a station that a simulated harness names.
    """
    from pi_companion.bench.frames import open_panel as open_simulated
    from pi_companion.bench.live_desk import LiveDesk
    from pi_companion.live import startup
    from pi_companion.live.notify import Notify

    notify, desk = Notify(os.environ), LiveDesk()
    desk.strap(harness)

    def open_panel() -> "Oled":
        return open_simulated(picture)

    with startup.starting(
        site, environ={}, open_chip=lambda: LiveDesk().board.factory, open_panel=open_panel, tell=notify.status
    ) as splash:
        from pi_companion.adapters.harness import read_once
        from pi_companion.bench.trial import DEAF_TITLE, KEYS, TITLE, TrialView, typing
        from pi_companion.live.parts import Parts
        from pi_companion.live.service import Live
        from pi_companion.live.tap_keeper import TapKeeper
        from pi_companion.pinout import Pinout

        who, offers, looks = _settle(site, lambda: read_once(Pinout(), desk.board.factory, time.sleep))
        recogniser, name = live_recogniser(site, model)
        title = DEAF_TITLE if is_deaf else TITLE
        out.print(title, KEYS, sep="\n", highlight=False, soft_wrap=True)
        splash.close()
        view = TrialView(out, title)
        live = Live(
            who.site,
            Parts(factory=desk.board.factory, open_panel=open_panel, is_simulated=True),
            recogniser,
            performers=[view.perform, offers.perform],
            watchers=[view.watch],
            looks=looks,
            seat=who.seat,
            keep=who.keep if who.record else None,
            model=name,
            notify=notify,
            new_tap=(lambda *_, **__: nullcontext()) if is_deaf else TapKeeper,
        )
        with view.drawing(), desk.running(), typing(desk, live.stop):
            _run(live, place, who.record)


def _run(live: "Live", place: Path, record: "Record | None") -> None:
    """Run it with a socket for `status`, if there can be one; that also tells the numbers of a station's record."""
    from pi_companion.errors import HardwareError
    from pi_companion.live import status

    def document() -> status.Document:
        return live.document() | {"station": record.document() if record else None}

    with ExitStack() as stack:
        try:
            stack.enter_context(status.answering(place / status.SOCKET, document))
        except HardwareError as error:
            err.print(f"status will not answer: {error}", style="yellow", markup=False, highlight=False, soft_wrap=True)
        live.run()


@contextmanager
def _without_words() -> Iterator[None]:
    """Tell a defect by its place alone: the message of an error may hold what was said (law 9)."""
    try:
        yield
    except CompanionError:
        raise
    except Exception as error:  # noqa: BLE001 - what is not ours to explain is told by its place, exit code 1
        while error is not None:
            print("".join(traceback.format_tb(error.__traceback__)), type(error).__name__, file=sys.stderr, sep="")
            error = error.__cause__ or error.__context__  # type: ignore[assignment]  # the chain ends with None
        raise typer.Exit(1) from None


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print the document as it is, one JSON object.")] = False,
) -> None:
    """Ask the running device how it is: line, mute, lost parts, queues, counts by rule id. Exit 5 if none runs.

    It answers root and the group of the service, and never tells a text.
    """
    from pi_companion.live import instance
    from pi_companion.live import status as socket

    places = instance.folders()
    document = socket.ask([*places, places[-1] / instance.TRIAL])
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for what, how in socket.told(document):
        out.print(f"{what:<12}{how}", markup=False, highlight=False, soft_wrap=True)
