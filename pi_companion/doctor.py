"""What is here, what is missing, what to do? Looks at every part the live device needs; changes nothing."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pi_companion import config
from pi_companion.adapters import cards, pins, seat, tap
from pi_companion.adapters.oled import open_oled
from pi_companion.core.harness import HarnessState, told
from pi_companion.errors import CompanionError, HardwareError
from pi_companion.live import instance, status
from pi_companion.live.parts import read_harness
from pi_companion.reading import is_there
from pi_companion.site import identity, stations
from pi_companion.speech import models, vosk_recogniser


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part: what was found, or what is missing and what to do."""

    part: str
    is_fine: bool
    found: str


Looks = Mapping[str, Callable[[], str]]
"""By part, what looks at it: returns what was found, raises `CompanionError` if it is not fine."""


def examine(site_file: Path | None, simulated: Callable[[config.Site], Looks] | None = None) -> list[Finding]:
    """Return a finding for every part, in the order in which a person would mend them.

    `simulated`: what tests simulated parts in the place of this machine's (`bench.self_test`).
    """
    site = config.Site()
    findings = [_look("python", lambda: f"{platform.python_version()} on {platform.machine()}")]

    def settings() -> str:
        nonlocal site
        site = config.load(site_file, is_live=True)
        return f"station {site.station.agent_name or '(no agent name)'}"

    def learned() -> str:
        if site.file and identity.knows_stations(site.file.parent):
            place = config.state_folder() / stations.SEALED
            codes = sorted(int(path.stem) for path in place.glob("*.sealed") if path.stem.isdecimal())
            return f"{place}: for station code {', '.join(map(str, codes)) or 'none so far'}"
        path = config.station_path(site)
        return f"{path}" if is_there(path) else f"{path}: nothing yet; pi-companion calibrate"

    def pack() -> str:
        loaded = config.pack_of(site)
        return f"{loaded.name} {loaded.version}, {len(loaded.rules)} rules"

    def model() -> str:
        chosen = models.resolve(None, site.speech.model or None)
        models.check(chosen.path)
        vosk_recogniser.load(chosen.path)
        return f"{chosen.name} ({chosen.source})"

    def oled() -> str:
        display = site.display
        open_oled(display.kind, port=display.i2c_port, address=display.i2c_address).close(keep_picture=True)
        return f"{display.kind} answers at 0x{display.i2c_address:02X} on /dev/i2c-{display.i2c_port}"

    def sound() -> str:
        audio, has_customer_side = site.audio, site.station.customer_side
        chosen = tap.chosen(audio.device, audio.second_device, has_customer_side=has_customer_side)
        others = [str(card) for card in cards.cards() if card not in chosen]
        sides = "" if has_customer_side else "; only the agent's side: what needs both is off"
        also = f"; also there: {', '.join(others)}" if others else ""
        return f"{', '.join(map(str, chosen))}{sides}{also}"

    def gpio() -> str:
        chip = pins.open_chip()
        try:
            return f"lgpio opens {pins.label(chip)}"
        finally:
            chip.close()

    def sensor() -> str:
        port = site.display.i2c_port
        if not site.station.seat_sensor:
            return "none fitted, the settings say: nothing is claimed about the seat"
        opened = seat.open_seat(port=port)
        try:
            reading = opened.measure()
        finally:
            opened.close()
        where = f"a VL53L1X answers at 0x{seat.ADDRESS:02X} on /dev/i2c-{port}"
        if reading is None:
            return f"{where}; just now it cannot tell what it sees"
        return f"{where} and sees {'nothing near' if reading.distance_mm is None else f'{reading.distance_mm} mm'}"

    findings += [
        _look("settings", settings),
        _look("learned here", learned),
        _look("rule pack", pack),
        _look("speech model", model),
    ]
    parts: Looks = {"sound card": sound, "GPIO": gpio, "harness": _harness, "OLED": oled, "seat sensor": sensor}
    findings += [_look(part, look) for part, look in (simulated(site) if simulated else parts).items()]
    return findings


def _harness() -> str:
    try:
        return str(status.ask(instance.folders())["harness"]["told"])  # a running device has the lines
    except HardwareError:
        pass
    found = read_harness()
    if found.state not in {HarnessState.READ, HarnessState.MISSING}:
        raise HardwareError(told(found))
    return told(found)


def _look(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part=part, is_fine=True, found=look())
    except CompanionError as error:
        return Finding(part=part, is_fine=False, found=str(error).removeprefix(f"{part}: "))
