"""Every simulation by the name of its circuit, with what it shows and what it leaves out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hardware.circuits import (
    sim_faults,
    sim_headset_tap,
    sim_lamps,
    sim_mute_key,
    sim_panel,
    sim_ring_box,
)
from hardware.circuits.figures import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """One simulation. `left_out`: what its models do not have, so that nobody trusts it with that."""

    title: str
    run: Callable[[], list[Figure]]
    left_out: str


SIMULATIONS: Final[Mapping[str, Simulation]] = {
    "mute-contact": Simulation(
        title="MUTE contact",
        run=sim_mute_key.simulate,
        left_out="what the comparators do below 3 V while the supply comes up (the PhotoMOS needs 1.1 V of LED and "
        "0.4 mA at least); ageing of the LED; static discharge into the key",
    ),
    "mute-contact-faults": Simulation(
        title="MUTE contact with one thing wrong",
        run=sim_faults.simulate,
        left_out="faults inside K101: one that has died shorted holds the key until the station plug is pulled; "
        "outputs of U101 that are stuck (OVER stuck low takes the one-shot away, the other three ways do not press)",
    ),
    "lamps": Simulation(
        title="Lamp inputs",
        run=sim_lamps.simulate,
        left_out="the hood's real shape and foam; the phone's real lamp: both are what calibration is for",
    ),
    "ring-box": Simulation(
        title="Ring box",
        run=sim_ring_box.simulate,
        left_out="repeated surges, power contact (mains on the line), longitudinal surges across the isolation, which "
        "are the coupler's datasheet and 7 mm of board, not a simulation",
    ),
    "headset-tap": Simulation(
        title="Headset tap",
        run=sim_headset_tap.simulate,
        left_out="saturation and microphony of the transformer, hum of its surroundings, the phone's real amplifier; "
        "amplifiers whose both earpiece wires are driven",
    ),
    "unit": Simulation(
        title="Buttons, LEDs, code lines, bus",
        run=sim_panel.simulate,
        left_out="how bright an LED looks; what a module really draws",
    ),
}


def simulate_all() -> dict[str, list[Figure]]:
    """Run everything; about half a minute."""
    return {name: simulation.run() for name, simulation in SIMULATIONS.items()}
