"""Every circuit, and what follows from all of them together: the netlist that the carrier board is checked against."""

import json
from pathlib import Path
from typing import Final

from hardware.circuits import headset_tap, lamps, mute_contact, panel, ring_box, station
from hardware.circuits.model import Circuit
from hardware.circuits.parts import ITEMS

CIRCUITS: Final[tuple[Circuit, ...]] = (
    station.UNIT,
    mute_contact.CIRCUIT,
    lamps.CIRCUIT,
    lamps.HOOD,
    panel.BUTTONS_AND_LEDS,
    panel.BUS,
    headset_tap.CIRCUIT,
    ring_box.CIRCUIT,
    station.HARNESS,
)

NETLIST: Final = Path(__file__).with_name("netlist.json")


def netlist() -> str:
    """Return every part with its pins and nets as JSON, for the carrier board and anything else that reads files."""
    document = {
        circuit.name: {
            "title": circuit.title,
            "assembly": circuit.assembly,
            "optional": circuit.is_optional,
            "ports": list(circuit.ports),
            "parts": {
                part.ref: {
                    "value": part.value,
                    "item": part.item,
                    "package": ITEMS[part.item].package,
                    "pins": dict(part.pins),
                }
                for part in circuit.parts
            },
        }
        for circuit in CIRCUITS
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
