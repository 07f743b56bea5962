"""The page of the circuits: each drawing with what it does, what was simulated, and what the simulation leaves out."""

import inspect
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from hardware.circuits import headset_tap, lamps, mute_contact, panel, ring_box, sim_faults, simulations, station
from hardware.circuits.figures import Figure, committed

CHAPTERS: Final[tuple[tuple[str, ModuleType, tuple[str, ...], tuple[str, ...]], ...]] = (
    # title, what says how it works, drawings, simulations
    ("MUTE contact", mute_contact, ("mute-contact",), ("mute-contact", "mute-contact-faults")),
    ("Lamp inputs", lamps, ("lamps", "hood"), ("lamps",)),
    ("Headset tap", headset_tap, ("headset-tap",), ("headset-tap",)),
    ("Buttons, LEDs, panel, distance", panel, ("buttons-leds", "i2c"), ("unit",)),
    ("Header and station connector", station, ("station",), ()),
    ("Ring box (optional)", ring_box, ("ring-box",), ("ring-box",)),
)

NOTES: Final = tomllib.loads(Path(__file__).with_name("notes.toml").read_text(encoding="utf-8"))
"""What the pages say beside drawings and figures, by title."""


def figures(rows: Sequence[Figure]) -> list[str]:
    """Return figures as a table."""
    return [
        "| figure | value | limit |",
        "|---|---|---|",
        *(f"| {each.what} | {f'{each.value:g} {each.unit}'.rstrip()} | {each.limit} |" for each in rows),
    ]


def page() -> str:
    """Return the page."""
    said = committed()
    parts = [
        "# Circuits",
        "",
        NOTES["head"],
    ]
    for title, module, sheets, simulated in CHAPTERS:
        words = inspect.cleandoc(module.__doc__ or "")
        parts += ["", f"## {title}", "", words]
        for sheet in sheets:
            parts += ["", f"![{title}: {sheet}]({sheet}.svg)"]
        if note := NOTES.get(title):
            parts += ["", note]
        for name in simulated:
            about = simulations.SIMULATIONS[name]
            rows = said[name]
            parts += ["", f"<details open><summary>{about.title}: simulated circuit</summary>", ""]
            parts += [*_grouped(name, rows), "", f"Left out: {about.left_out}.", "", "</details>"]
    return "\n".join(parts) + "\n"


def _grouped(name: str, rows: Sequence[Figure]) -> list[str]:
    """Faults are a long list of which only the end is of interest: told in two sentences and one table."""
    if name != "mute-contact-faults":
        return figures(rows)
    bad = [each for each in rows if each.most is None]
    idle = [each for each in rows if each.what.endswith("pin low: closed")]
    return [
        (
            f"{len(idle)} faults: each part open and shorted, dirt on its nodes, solder between neighbouring "
            f"pins. With the pin low the contact closed in "
            f"{sum(each.value > 0 for each in idle)} of them, once, for one press, when the power came "
            f"({', '.join(sorted(sim_faults.PRESSING))}). With the pin stuck high as well, a second fault, a press "
            f"stays within 300 ms in {len(idle) - len(bad)}; in these {len(bad)} the one-shot no longer ends it:"
        ),
        "",
        *figures(bad),
    ]
