"""What would the circuit do? Writes the netlist as a SPICE deck, runs ngspice on it, and reads what it says.

Values come from the circuit, limits of parts from `models.lib`: a drawing that shows another value than was simulated
cannot be made. `Change`s move values and limits to a corner of their tolerance.
"""

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hardware.circuits.model import Circuit, Part, number
from pi_companion.errors import HardwareError

LIBRARY: Final = Path(__file__).with_name("models.lib")
Samples = NDArray[np.float64]

EXACT: Final = "reltol=1e-4 abstol=1e-12 vntol=1e-6"
ROUGH: Final = "reltol=1e-3 abstol=1e-10 vntol=1e-5 gmin=1e-11"
"""How exact ngspice is. Rough: a tenth of a percent, for circuits of a hundred volts with sharp knees."""

_DIODES: Final = {
    "1N4148": "d1n4148",
    "led-green": "led_green",
    "led-amber": "led_amber",
    "led-red": "led_red",
    "led-blue": "led_blue",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """Where in its tolerances a circuit is. `factors`: by reference; `limits`: parameters of a model, by reference."""

    factors: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    celsius: float = 25.0


NOMINAL: Final = Corner()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was asked for, over time in seconds or frequency in hertz."""

    at: Samples
    of: Mapping[str, NDArray[np.complex128] | Samples]

    def __getitem__(self, name: str) -> Samples:
        """Return a voltage or current over time; of an AC analysis its size."""
        found = self.of[name]
        return np.abs(found) if np.iscomplexobj(found) else np.asarray(found, dtype=np.float64)


def node(net: str) -> str:
    """Return the name of a net in the deck."""
    return "0" if net == "GND" else net.lower()


def deck(circuit: Circuit, corner: Corner = NOMINAL) -> list[str]:
    """Return the parts of a circuit as lines of SPICE; connectors and modules have none."""
    return [line for part in circuit.parts for line in _lines(part, corner)]


def _lines(part: Part, corner: Corner) -> list[str]:
    at = {pin: node(net) for pin, net in part.pins.items()}
    extra = "".join(f" {name}={value:g}" for name, value in corner.limits.get(part.ref, {}).items())
    factor = corner.factors.get(part.ref, 1.0)
    match part.item:
        case "resistor" | "pulse-resistor" | "fusible-10" | "trimmer":
            return [f"R{part.ref} {at['1']} {at['2']} {part.size * factor:.6g}"]
        case "film-1u" | "film-4u7" | "film-1u-250" | "ceramic-100n" | "electrolytic-10u":
            return [f"C{part.ref} {at['1']} {at['2']} {part.size * factor:.6g}"]
        case "zener-62":
            return [f"X{part.ref} {at['2']} {at['1']} zener bv={62 * factor:g}"]
        case "1N4148" | "led-green" | "led-amber" | "led-red" | "led-blue":
            return [f"D{part.ref} {at['2']} {at['1']} {_DIODES[part.item]}"]
        case "TLC3702":
            return [
                f"X{part.ref}{name} {at[plus]} {at[minus]} {at[out]} {at['8']} {at['4']} comparator{extra}"
                for name, plus, minus, out in (("A", "3", "2", "1"), ("B", "5", "6", "7"))
            ]
        case "LM339":
            return [
                f"X{part.ref}{out} {at[plus]} {at[minus]} {at[out]} {at['3']} {at['12']} open_comparator{extra}"
                for plus, minus, out in (("5", "4", "2"), ("7", "6", "1"), ("9", "8", "14"), ("11", "10", "13"))
            ]
        case "AQY212EH":
            return [f"X{part.ref} {at['1']} {at['2']} {at['4']} {at['3']} photomos{extra}"]
        case "LTV-814":
            return [f"X{part.ref} {at['1']} {at['2']} {at['3']} {at['4']} ac_coupler{extra}"]
        case "TEPT5600":
            return [f"X{part.ref} {at['C']} {at['E']} lux eye{extra}"]
        case "transformer-10k":
            return [f"X{part.ref} {at['1']} {at['2']} {at['3']} {at['4']} transformer{extra}"]
        case "varistor-175":
            return [f"X{part.ref} {at['1']} {at['2']} varistor{extra}"]
        case _:
            return []


def run(
    lines: Sequence[str], analysis: str, asked: Sequence[str], celsius: float = 25.0, solver: str = EXACT
) -> Result:
    """Run one analysis, such as `tran 1m 1` or `ac dec 20 300 7k`, and return what was asked for, such as `v(out)`.

    Raises `HardwareError` if ngspice is missing or refuses the deck; what it said is in the message.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "out"
        text = [
            "* made from the netlist",
            f".include {LIBRARY}",
            *lines,
            f".options temp={celsius:g} itl4=100 {solver}",
            ".control",
            "set wr_singlescale",
            "set numdgt=9",
            analysis,
            f"wrdata {written} {' '.join(asked)}",
            "quit 0",
            ".endc",
            ".end",
        ]
        file = Path(folder) / "deck.cir"
        file.write_text("\n".join(text) + "\n", encoding="utf-8")
        try:
            # S603, S607: our own deck, and ngspice from the PATH, as bootstrap.sh installs it.
            ended = subprocess.run(  # noqa: S603 (see above)
                ["ngspice", "-b", str(file)],  # noqa: S607 (see above)
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
                cwd=folder,
            )
        except FileNotFoundError:
            raise HardwareError("circuits: there is no ngspice here; install the package ngspice") from None
        data = written.with_suffix(".data") if written.with_suffix(".data").exists() else written
        if not data.exists():
            raise HardwareError(f"circuits: ngspice refused the deck:\n{(ended.stdout + ended.stderr)[-3000:]}")
        result = _read(np.loadtxt(data, ndmin=2), asked)
        kind, _, last, *_ = analysis.split()
        # ngspice keeps what it has when it gives up half-way, and ends with 0.
        if kind == "tran" and result.at[-1] < 0.999 * number(last.removesuffix("s")):
            raise HardwareError(f"circuits: ngspice stopped at {result.at[-1]:g} s:\n{ended.stderr[-2000:]}")
        return result


def _read(table: Samples, asked: Sequence[str]) -> Result:
    """Columns of `wrdata`: the scale, then one column for each that is real, two for each that is complex."""
    if table.shape[1] == 1 + len(asked):
        return Result(at=table[:, 0], of={name: table[:, 1 + place] for place, name in enumerate(asked)})
    pairs = {name: table[:, 1 + 2 * place] + 1j * table[:, 2 + 2 * place] for place, name in enumerate(asked)}
    return Result(at=table[:, 0], of=pairs)


def spans(at: Samples, is_on: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Return when something was on, as (began, ended), in the units of `at`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_on.astype(int), [0]))))
    last = len(at) - 1
    return [(float(at[begin]), float(at[min(end, last)])) for begin, end in edges.reshape(-1, 2)]


def worst(measure: Callable[[Corner], float], factors: Mapping[str, float], base: Corner, *, sign: int) -> Corner:
    """Return the corner in which `measure` is largest (sign 1) or smallest (-1), by the sign of each effect.

    `factors`: tolerance by reference. Each is moved alone first; so the corner is the worst one where effects add up.
    """
    middle = measure(base)
    moved = {}
    for ref, tolerance in factors.items():
        corner = Corner(factors={ref: 1 + tolerance}, limits=base.limits, celsius=base.celsius)
        effect = measure(corner) - middle
        # What does not matter stays where it is: its sign would be the solver's rounding.
        if abs(effect) > 0.002 * abs(middle):
            moved[ref] = 1 + tolerance if (effect > 0) is (sign > 0) else 1 - tolerance
    return Corner(factors=moved, limits=base.limits, celsius=base.celsius)
