"""`make circuits`: runs the simulations and writes every drawing, table and page but the board's and the box's."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

from hardware import header, power
from hardware.bom import bill
from hardware.circuits import drawings, everything, figures, pages, simulations
from hardware.wiring import harnesses
from hardware.wiring import page as wiring_page

HERE: Final = Path(__file__).parent
CIRCUITS: Final = HERE / "circuits"
WIRING: Final = HERE / "wiring"


def _graph(name: str) -> str:
    return harnesses.source(name)[0]


def _materials(name: str) -> str:
    return harnesses.source(name)[1]


def _schematic(name: str) -> str:
    return drawings.SHEETS[name]().svg()


FILES: Final[Mapping[Path, Callable[[], str]]] = {
    everything.NETLIST: everything.netlist,
    **{CIRCUITS / f"{name}.svg": partial(_schematic, name) for name in drawings.SHEETS},
    CIRCUITS / "README.md": pages.page,
    WIRING / "header.svg": header.picture,
    WIRING / "config.txt": header.config,
    **{WIRING / f"{name}.gv": partial(_graph, name) for name in harnesses.HARNESSES},
    **{WIRING / f"{name}.tsv": partial(_materials, name) for name in harnesses.HARNESSES},
    WIRING / "README.md": wiring_page.page,
    HERE / "bom" / "README.md": bill.page,
    HERE / "bom" / "bom.csv": bill.table,
    HERE / "power.md": power.page,
}
"""Every generated file but figures.json and the pictures of the wiring: the same bytes on every machine."""


def main() -> None:
    """Simulate, write. Exits with what is out of its limits before any page is written."""
    started = monotonic()
    said = simulations.simulate_all()
    if bad := [
        f"{name}: {each.what}: {each.value:g}, {each.limit}"
        for name, rows in said.items()
        for each in rows
        if not each.holds
    ]:
        raise SystemExit("\n".join(bad))
    figures.write(said)
    for path, make in FILES.items():
        path.write_text(make(), encoding="utf-8")
    for name in harnesses.HARNESSES:
        (WIRING / f"{name}.svg").write_text(harnesses.picture(harnesses.source(name)[0]), encoding="utf-8")
    print(f"circuits: {len(FILES) + len(harnesses.HARNESSES) + 1} files written anew in {monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
