"""How are the boxes on a desk joined? Three drawings by WireViz, made from the circuits' own pins.

WireViz turns these into Graphviz source and a list of materials, both text, both compared by `make test`. The picture
is drawn from that source by Graphviz, whose text widths are those of the fonts of the machine; so the picture is not
compared byte by byte, but carries the checksum of the source that it was drawn from.
"""

import hashlib
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from wireviz import wireviz
from wireviz.wv_bom import bom_list
from wireviz.wv_helper import tuplelist2tsv

from hardware.circuits import headset_tap, panel, station
from pi_companion.errors import HardwareError
from pi_companion.pinout import I2C

HERE: Final = Path(__file__).parent

DIN_47100: Final = ("WH", "BN", "GN", "YE", "GY", "PK", "BU", "RD", "BK", "VT")

HOODS: Final = {
    "MUTE hood": "MUTE_LIGHT",
    "RING hood": "RING_LIGHT",
    "BUSY hood": "BUSY_LIGHT",
    "HOOK hood": "HOOK_LIGHT",
}

Document = dict[str, Any]


def _pin(pins: Mapping[str, str], net: str) -> int:
    return next(int(pin) for pin, at in pins.items() if at == net)


def harness(code: int = station.SAMPLE_CODE) -> Document:
    """Return the harness of the station with this code: plug, hoods, key."""
    pins = station.STATION_PINS
    labels = [pins.get(str(number), "free") for number in range(1, 16)]
    straps = [[int(pin), 9] for pin, net in station.strapped(code).items() if net == "GND" and pin != "9"]
    feed = _pin(pins, "FEED")
    connections: list[Any] = []
    for place, (hood, light) in enumerate(HOODS.items()):
        wires = [2 * place + 1, 2 * place + 2]
        connections.append([{"P2": [feed, _pin(pins, light)]}, {"W1": wires}, {hood: [1, 2]}])
    connections.append([{"P2": [_pin(pins, "KEY_A"), _pin(pins, "KEY_B")]}, {"W1": [9, 10]}, {"X1": [1, 2]}])
    connections.append([{"P2": [9]}, {"W1": ["s"]}])
    optional = "on the phone's lamp; leave out if it has none"
    hoods = {
        name: {
            "type": "Hood",
            "subtype": "phototransistor",
            "pinlabels": ["C  FEED", "E  LIGHT"],
            "manufacturer": "Vishay",
            "mpn": "TEPT5600",
            "notes": "on the phone's lamp" if place == 0 else optional,
        }
        for place, name in enumerate(HOODS)
    }
    return {
        "connectors": {
            "P2": {
                "type": "D-sub 15",
                "subtype": "plug",
                "pinlabels": labels,
                "loops": straps,
                "manufacturer": "Amphenol",
                "mpn": "L717SDA15P",
                "notes": f"station code {code}: three straps inside the hood of the plug",
            },
            **hoods,
            "X1": {
                "type": "Splice",
                "subtype": "2 ways",
                "pinlabels": ["KEY_A", "KEY_B"],
                "manufacturer": "WAGO",
                "mpn": "221-412",
                "notes": "leads to the two pads of the MUTE key",
            },
        },
        "cables": {
            "W1": {
                "gauge": "0.14 mm2",
                "length": 2,
                "color_code": "DIN",
                "wirecount": 10,
                "shield": True,
                "manufacturer": "Lapp",
                "mpn": "UNITRONIC LiYCY 10x0.14",
                "notes": "four feeds share cup 10; screen at the unit only",
            }
        },
        "connections": connections,
    }


def unit() -> Document:
    """Return the wires inside the case: panel and distance sensor to the carrier board."""
    colours = {"3V3": "RD", "GND": "BK", f"GPIO{I2C['sda']}": "GN", f"GPIO{I2C['scl']}": "YE"}
    bus = panel.BUS
    connectors: Document = {}
    cables: Document = {}
    connections: list[Any] = []
    modules = {
        "J601": ("A601", "OLED", ("GND", "VCC", "SCL", "SDA")),
        "J602": ("A602", "VL53L1X", ("VIN", "GND", "SDA", "SCL")),
    }
    for place, (ref, (module, name, words)) in enumerate(modules.items(), 1):
        nets = bus.part(ref).nets
        connectors[ref] = {"type": "Carrier board", "subtype": ref, "pinlabels": list(nets), "pincount": 4}
        connectors[module] = {"type": "Module", "subtype": name, "pinlabels": list(words), "pincount": 4}
        cables[f"W{10 + place}"] = {
            "gauge": "0.14 mm2",
            "length": 0.15,
            "colors": [colours[net] for net in nets],
            "wirecount": 4,
            "notes": "or plug the module straight into its socket",
        }
        connections.append([{ref: [1, 2, 3, 4]}, {f"W{10 + place}": [1, 2, 3, 4]}, {module: [1, 2, 3, 4]}])
    return {"connectors": connectors, "cables": cables, "connections": connections}


def desk() -> Document:
    """Return what is plugged into what on the desk: phone, tap, headset, sound card, Pi, supply."""
    jack = headset_tap.CIRCUIT.part("J401").pins
    lines = list(jack.values())
    rj9 = {"type": "4P4C (RJ9)", "pinlabels": lines, "pincount": 4}
    wires = {"colors": ["BK", "RD", "GN", "YE"], "wirecount": 4, "gauge": "0.08 mm2"}
    return {
        "connectors": {
            "Phone": {**rj9, "subtype": "headset socket"},
            "J401": {**rj9, "subtype": "tap, to the phone"},
            "J402": {**rj9, "subtype": "tap, headset"},
            "Headset": {**rj9, "subtype": "plug"},
            "J403": {"type": "Jack 3.5 mm", "subtype": "tap", "pinlabels": ["T  agent", "R  customer", "S  ground"]},
            "A4 line in": {"type": "Sound card", "subtype": "line input", "pinlabels": ["left", "right", "ground"]},
            "A4 USB": {"type": "Sound card", "subtype": "USB plug", "pinlabels": ["USB"]},
            "A1 USB": {"type": "Raspberry Pi", "subtype": "USB socket", "pinlabels": ["USB"]},
            "A1 power": {"type": "Raspberry Pi", "subtype": "power socket", "pinlabels": ["5 V"]},
            "A2": {"type": "Power supply", "subtype": "the maker's own", "pinlabels": ["5 V"]},
        },
        "cables": {
            "W21": {**wires, "length": 0.5, "notes": "straight: 1 to 1, 4 to 4"},
            "W22": {**wires, "length": 1.5, "notes": "the headset's own"},
            "W23": {
                "wirecount": 3,
                "colors": ["WH", "RD", "BK"],
                "length": 0.5,
                "notes": "each core screened: 3.5 mm stereo to two cinch plugs",
            },
            "W24": {"wirecount": 1, "colors": ["GY"], "length": 0.5, "notes": "USB"},
            "W25": {"wirecount": 1, "colors": ["BK"], "length": 1.5, "notes": "the supply's own"},
        },
        "connections": [
            [{"Phone": [1, 2, 3, 4]}, {"W21": [1, 2, 3, 4]}, {"J401": [1, 2, 3, 4]}],
            [{"J402": [1, 2, 3, 4]}, {"W22": [1, 2, 3, 4]}, {"Headset": [1, 2, 3, 4]}],
            [{"J403": [1, 2, 3]}, {"W23": [1, 2, 3]}, {"A4 line in": [1, 2, 3]}],
            [{"A4 USB": [1]}, {"W24": [1]}, {"A1 USB": [1]}],
            [{"A2": [1]}, {"W25": [1]}, {"A1 power": [1]}],
        ],
    }


HARNESSES: Final[Mapping[str, Callable[[], Document]]] = {"harness": harness, "unit": unit, "desk": desk}


def source(name: str) -> tuple[str, str]:
    """Return the Graphviz source and the list of materials, as tab-separated text."""
    made = wireviz.parse(HARNESSES[name](), return_types=("harness",))
    # Its own version and address stand in the source; they say nothing about our wires.
    graph = re.sub(r"^//.*\n", "", made.graph.source, flags=re.MULTILINE)
    return graph, tuplelist2tsv(bom_list(made.bom()))


def checksum(graph: str) -> str:
    """Return what a picture carries to say which source it was drawn from."""
    return hashlib.sha256(graph.encode()).hexdigest()


def picture(graph: str) -> str:
    """Draw the source. Raises `HardwareError` where Graphviz is missing or fails."""
    try:
        # S607: Graphviz from the PATH; `make hardware` installs it.
        drawn = subprocess.run(["dot", "-Tsvg"], input=graph, capture_output=True, text=True, check=False)  # noqa: S607 (see above)
    except FileNotFoundError:
        raise HardwareError("wiring: there is no dot here; install the package graphviz") from None
    if drawn.returncode:
        raise HardwareError(f"wiring: dot refused the source: {drawn.stderr}")
    return f"{drawn.stdout.rstrip()}\n<!-- drawn from {checksum(graph)} -->\n"
