"""What does a unit take from its boot partition? Run by systemd before the companion; a person asks `config check`."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pi_companion import __version__
from pi_companion.cli_upkeep import SiteOption, err, out
from pi_companion.errors import CompanionError, HardwareError, UsageError
from pi_companion.site_file import KEPT, RUN
from pi_companion.writing import replace_file

if TYPE_CHECKING:
    from pi_companion.site.network import Update

site_app = typer.Typer(no_args_is_help=True, help="The site on the boot partition: take it, or go back to none.")

BOOT = Path("/boot/firmware/companion")
STATE = Path("/var/lib/pi-companion")
_READ_S = 4


@site_app.command("take")
def take(
    boot: Annotated[Path, typer.Option("--boot", metavar="DIR", help="The folder that IT edits.")] = BOOT,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where what was taken is kept.")] = KEPT,
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Where what is wrong is left.")] = RUN,
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="Where what was learned is kept.")] = STATE,
) -> None:
    """Check the site on the boot partition and put it in effect; passwords are moved into the device. Run by systemd.

    With a mistake in it the last good one stays in effect, and the OLED says where the mistake is: exit code 0.
    """
    from pi_companion.site import taking, updating, wiping

    if wiping.is_begun(data):
        wiping.wipe(data, [state])
    with _writable(boot):
        taken = taking.take(boot, data, run)
    updating.judge(data, run, updating.version(program=__version__))
    for complaint in taken.complaints:
        err.print(str(complaint), style="yellow", markup=False, highlight=False, soft_wrap=True)
    what = (
        "a new site is in effect"
        if taken.is_new
        else "the last good site is in effect"
        if taken.is_kept
        else "no site is in effect"
    )
    moved = f"; moved into the device: {', '.join(taken.moved)}" if taken.moved else ""
    out.print(f"{what}{moved}; mistakes: {len(taken.complaints)}", highlight=False, soft_wrap=True)


@site_app.command("stick")
def stick(
    media: Annotated[Path, typer.Argument(metavar="DIR", help="Where the stick is mounted.")],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where what was taken is kept.")] = KEPT,
    rauc: Annotated[str, typer.Option("--rauc", metavar="PROGRAM", help="RAUC's command.")] = "rauc",
) -> None:
    """Tell the companion what a USB stick has, and do what a button says yes to. Run by systemd while a stick is in."""
    from pi_companion.core.notices import Offer
    from pi_companion.site import stick, updating

    before, backend = updating.version(program=__version__), updating.Rauc(rauc)

    def mean(after: str) -> None:
        updating.mean(data, updating.Meant(before=before, after=after))

    try:
        done = stick.serve(media, backend, make_writable=lambda: stick.remount(media), mean=mean)
    finally:
        time.sleep(_READ_S)  # what was said goes with this program, and is read first: by the companion, on the OLED
    if done is Offer.UPDATE:
        subprocess.run(["systemctl", "reboot"], check=True)  # noqa: S607 (the system's own)


@site_app.command("update")
def update(
    site: SiteOption = None,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where what was taken is kept.")] = KEPT,
    rauc: Annotated[str, typer.Option("--rauc", metavar="PROGRAM", help="RAUC's command.")] = "rauc",
) -> None:
    """Ask the update server of the site file, and have a newer version installed at a quiet desk. Run by systemd.

    Only in the hours that the site allows; the restart waits for a quiet desk, too.
    """
    import ssl

    from pi_companion import config
    from pi_companion.live import instance
    from pi_companion.site import polling, talk, updating

    settings = config.load(site)
    if not settings.update.url:
        err.print("updates by network are off: the site file names no update.url")
        return
    run, now_s = updating.RUN, time.clock_gettime(time.CLOCK_BOOTTIME)
    tries = polling.tries(run)
    if not _may_update(settings.update) or now_s < tries.next_at_s:
        return
    ca = settings.file.parent / settings.update.ca_file if settings.update.ca_file and settings.file else None
    running = polling.Running(
        version=updating.version(program=__version__), time=updating.built(), given_back=updating.given_back(data)
    )
    answers = instance.SYSTEM / updating.ANSWER
    try:
        trust = (ssl.create_default_context(cafile=ca), _copy_for_rauc(ca, run))
        while polling.keep_current(
            settings.update,
            trust,
            updating.Rauc(rauc),
            running=running,
            data=data,
            desk=polling.Desk(run=run, answers=answers, is_there=lambda: _line() is not None),
            may_go_on=lambda: _may_update(settings.update),
            say=lambda told: out.print(told, highlight=False, soft_wrap=True),
        ):
            time.sleep(_READ_S)
            if _line() in {None, "on_hook", "away"}:  # nobody has called meanwhile
                subprocess.run(["systemctl", "reboot"], check=True)  # noqa: S607 (the system's own)
                return
    except (CompanionError, OSError):
        polling.keep_tries(run, tries.after_failure(now_s))
        raise
    else:
        polling.keep_tries(run, polling.Tries())
    finally:
        talk.tell(run, talk.Found())


def _may_update(update: "Update") -> bool:
    from pi_companion.site.polling import is_hour

    return is_hour(time.localtime().tm_hour, update)


def _copy_for_rauc(ca: Path | None, run: Path) -> Path | None:
    """Return the CA where the user can read it as whom RAUC reads from the network."""
    if ca is None:
        return None
    replace_file(run / ca.name, ca.read_bytes(), 0o644)
    return run / ca.name


def _line() -> str | None:
    """Return the state of the phone's line; None: no companion runs."""
    from pi_companion.live import instance, status

    try:
        return str(status.ask([instance.SYSTEM]).get("line"))
    except HardwareError:
        return None


@site_app.command("wipe")
def wipe(
    yes: Annotated[bool, typer.Option("--yes", help="Do it: nothing asks again.")] = False,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where what was taken is kept.")] = KEPT,
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="Where what was learned is kept.")] = STATE,
) -> None:
    """Delete everything that this unit took from its boot partition or learned, passwords included, and show ✓.

    Run by systemd after both buttons were held at the start. The companion must not run.
    """
    from pi_companion.adapters.oled import open_oled
    from pi_companion.core import notices
    from pi_companion.live import instance, resetting
    from pi_companion.site import wiping
    from pi_companion.site_file import glance_at_display, place

    if not yes:
        raise UsageError("this deletes what the unit knows of its site and its stations; say --yes")
    display = glance_at_display(place())
    wiping.wipe(data, [state])
    for folder in instance.folders():
        with suppress(OSError):
            (folder / resetting.REQUEST).unlink(missing_ok=True)
    out.print(f"wiped: {data} and {state}", highlight=False, soft_wrap=True)
    with suppress(HardwareError):
        oled = open_oled(display.kind, port=display.i2c_port, address=display.i2c_address)
        oled.show(notices.reset())
        oled.close(keep_picture=True)


@contextmanager
def _writable(boot: Path) -> Iterator[None]:
    """Have the boot partition writable while passwords are taken out, if it is a mount of its own."""
    mount = next((each for each in (boot, *boot.parents) if each.is_mount()), None)
    is_own = mount is not None and mount != Path("/") and boot.is_dir() and _has_passwords(boot)
    if is_own:
        _mount("remount,rw", mount)
    try:
        yield
    finally:
        if is_own:
            _mount("remount,ro", mount)


def _has_passwords(boot: Path) -> bool:
    from pi_companion.site.secrets import held

    return bool(held(boot / "site.toml"))


def _mount(options: str, mount: Path | None) -> None:
    # As it is mounted, not as fstab has it, which is read-only whatever is asked for. A mount that cannot be changed is
    # told by what then cannot be written.
    command = ["mount", "--options-source=mtab", "-o", options, str(mount)]
    subprocess.run(command, check=False)  # noqa: S603 (a fixed program of the system)
