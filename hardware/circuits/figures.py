"""What did the simulations say? Each figure with its limit, written to figures.json and from there into the pages.

Two versions of ngspice differ in the last digits, so a test runs every simulation anew, holds it against the limits,
and compares with what is committed within a few percent; the pages are made from what is committed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

FIGURES_FILE: Final = Path(__file__).with_name("figures.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. `least`, `most`: between what it has to be, None: not bounded on that side.

    `spread`: how far two versions of ngspice may differ, as a share; more where a circuit is balanced on an edge.
    """

    what: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    spread: float = 0.03

    @property
    def holds(self) -> bool:
        """Whether it is within its limits."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def limit(self) -> str:
        """The limit in words."""
        match self.least, self.most:
            case None, None:
                return "told, not bounded"
            case None, most:
                return f"at most {most:g} {self.unit}".rstrip()
            case least, None:
                return f"at least {least:g} {self.unit}".rstrip()
            case least, most:
                return f"{least:g} to {most:g} {self.unit}".rstrip()


def is_close(one: Figure, other: Figure) -> bool:
    """Whether two runs say the same: within its spread or, near nothing, within 2 % of the limit."""
    near = 0.02 * max(abs(one.least or 0), abs(one.most or 0))
    return (one.what, one.unit, one.least, one.most) == (other.what, other.unit, other.least, other.most) and abs(
        one.value - other.value
    ) <= max(one.spread * abs(one.value), near)


def rounded(figure: Figure) -> Figure:
    """Return the figure with three digits: all that a simulation is worth."""
    return Figure(
        what=figure.what,
        value=float(f"{figure.value:.3g}"),
        unit=figure.unit,
        least=figure.least,
        most=figure.most,
        spread=figure.spread,
    )


def write(figures: Mapping[str, Sequence[Figure]]) -> None:
    """Write all figures, by circuit."""
    document = {name: [asdict(rounded(figure)) for figure in each] for name, each in figures.items()}
    FIGURES_FILE.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def committed() -> dict[str, list[Figure]]:
    """Return all figures as written, by circuit."""
    document = json.loads(FIGURES_FILE.read_text(encoding="utf-8"))
    return {name: [Figure(**figure) for figure in each] for name, each in document.items()}
