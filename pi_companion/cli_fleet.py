"""Who hears how this unit is? `fleet run` tells the site's broker; `fleet simulate` asks how many it holds.

Apart from the companion, which has no network: this program reads its status socket like anybody else who may.
"""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pi_companion import __version__
from pi_companion.cli_upkeep import SiteOption, err, out
from pi_companion.errors import ConfigError, HardwareError

if TYPE_CHECKING:
    from pi_companion.config import Site
    from pi_companion.fleet.courier import Broker
    from pi_companion.fleet.profile import Exchange

fleet_app = typer.Typer(no_args_is_help=True, help="Fleet telemetry: health and counts to a broker; off by default.")

MACHINE_ID = Path("/etc/machine-id")
ASK_S = 15
"""The companion is asked so often which station it is at; reports go at the site's own pace."""


@fleet_app.command("run")
def run(site: SiteOption = None) -> None:
    """Tell the broker of the site file how this unit is: states, counts, rule ids. Run by systemd if one is named."""
    from pi_companion import config
    from pi_companion.fleet.courier import Loop, Unit
    from pi_companion.fleet.report import report, rules_of
    from pi_companion.live import instance, status
    from pi_companion.packs import BUNDLED

    settings = config.load(site)
    if not settings.mqtt.host:
        err.print("telemetry is off: the site file names no mqtt.host")
        return
    rules = rules_of(settings.pack_path or BUNDLED)
    exchange = _exchange(settings)
    unit = Unit(_broker(settings), _name(), __version__, exchange=exchange)
    loop, ask_at, put_at = Loop([unit]), 0.0, 0.0
    while True:
        now = time.monotonic()
        if now >= ask_at:
            ask_at = now + min(ASK_S, settings.mqtt.every_s)
            try:
                document = status.ask(instance.folders())
            except HardwareError:
                document = {}  # the companion does not answer: that, too, is a report
            if exchange is not None:
                exchange.tell(document)
            if now >= put_at:
                put_at = now + settings.mqtt.every_s
                unit.put(report(document, rules, __version__))
        loop.turn(now, 1.0)


@fleet_app.command("simulate")
def simulate(  # noqa: PLR0917 - typer makes options of them
    units: Annotated[int, typer.Argument(metavar="N", help="How many units.", min=1, max=20000)],
    host: Annotated[str, typer.Option("--host", help="The broker.")] = "localhost",
    port: Annotated[int, typer.Option("--port", help="Its port for TLS.")] = 8883,
    ca: Annotated[Path | None, typer.Option("--ca", metavar="FILE", help="Its CA; default: the system's.")] = None,
    minutes: Annotated[float, typer.Option("--minutes", help="For how long.", min=0.1)] = 10,
    every_s: Annotated[float, typer.Option("--every", metavar="SECONDS", help="A report so often.", min=1)] = 60,
) -> None:
    """Run N simulated units against a broker; in the middle half of them vanish and come back. Prints what it took.

    Exit code 1 if a unit's last state is not at the broker at the end. User and password: $MQTT_USER, $MQTT_PASSWORD.
    """
    import ssl

    from pi_companion.fleet import simulate as simulated
    from pi_companion.fleet.courier import Broker

    broker = Broker(
        host=host,
        port=port,
        tls=ssl.create_default_context(cafile=ca),
        user=os.environ.get("MQTT_USER", ""),
        password=os.environ.get("MQTT_PASSWORD", ""),
        prefix="pi-companion-simulated",
    )
    figures = simulated.simulate(broker, units, minutes * 60, every_s, say=lambda told: err.print(told, style="dim"))
    for what, how in figures.rows():
        out.print(f"{what:<46}{how}", highlight=False)
    if figures.lost:
        raise typer.Exit(1)


def _broker(settings: "Site") -> "Broker":
    import ssl

    from pi_companion.fleet.courier import Broker

    mqtt = settings.mqtt
    ca = settings.file.parent / mqtt.ca_file if mqtt.ca_file and settings.file else None
    try:
        tls = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(ca or "mqtt.ca_file", [f"is no CA that can be read: {error}"]) from error
    return Broker(
        host=mqtt.host, port=mqtt.port, tls=tls, user=mqtt.user, password=_secret("mqtt_password"), prefix=mqtt.prefix
    )


def _exchange(settings: "Site") -> "Exchange | None":
    """Return the unit's part in the exchange of calibrations; None without a key, or with one that is too short."""
    from pi_companion.fleet.profile import Exchange, Seal
    from pi_companion.site import handing
    from pi_companion.site.network import SHORTEST_KEY

    secret = _secret("mqtt_calibration_key")
    if len(secret) < SHORTEST_KEY:
        return None
    run = Path(os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or handing.RUN)

    def take(profile: handing.Profile | None) -> None:
        try:
            handing.hand_over(profile, run)
        except OSError as error:
            err.print(f"a calibration came and cannot be handed over: {error}", markup=False, soft_wrap=True)

    return Exchange(settings.mqtt.prefix, Seal(secret), take)


def _secret(name: str) -> str:
    """Return what systemd hands over of what was taken from the site file; empty: none."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    try:
        return (Path(folder) / name).read_text(encoding="utf-8") if folder else ""
    except OSError:
        return ""


def _name() -> str:
    """Return what this unit is called: made from the machine's id, which itself is not told."""
    import hashlib

    try:
        own = MACHINE_ID.read_bytes()
    except OSError as error:
        raise HardwareError(f"{MACHINE_ID}: {error.strerror}: the unit has no name of its own") from error
    return hashlib.sha256(b"pi-companion fleet" + own.strip()).hexdigest()[:12]
