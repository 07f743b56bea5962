"""Does the call feel the tap, does one side hear the other through it, and what reaches the sound card? Simulated.

The phone's side is modelled as what a headset socket is: an electret's supply of 2 V through 2.2 k with 10 k of input
behind it, an earpiece amplifier of 32 ohms into 300 ohms, both against the phone's ground, which hangs on the unit's by
1 nF between two power supplies.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from hardware.circuits.figures import Figure
from hardware.circuits.headset_tap import CIRCUIT
from hardware.circuits.model import Part
from hardware.circuits.spice import Corner, Result, deck, run

BAND: Final = "ac dec 20 300 7k"
BRIDGES: Final = ("R411", "R412", "R421", "R422")

CARDS: Final[Mapping[str, float]] = {
    "a line input of 10 kΩ": 10e3,
    "a line input of 47 kΩ": 47e3,
    "an input that is off (600 Ω)": 600.0,
    "a shorted plug": 0.01,
    "no plug": 1e9,
}

WINDINGS_F: Final = 100e-12
CABLE_F: Final = 5e-12
"""The most between a transformer's windings, and between the two cores of a cable that has each core screened."""

MICROPHONE: Final = (
    "Vbias bias phone 2",
    "Rbias bias agent_a 2.2k",
    "Rinput agent_a phone 10k",
    "Iagent phone agent_a AC {agent}",
    "Ragent agent_b phone 0.01",
    "Cphone agent_a phone 1n",
)
EARPIECE: Final = (
    "Vamplifier amplifier phone AC {customer}",
    "Ramplifier amplifier customer_a 32",
    "Rearpiece customer_a customer_b 300",
    "Rcustomer customer_b phone 0.01",
)
BETWEEN: Final = ("Cbetween phone 0 1n", "Rbetween phone 0 100Meg")


def least(windings_f: float = WINDINGS_F) -> Corner:
    """Return the corner of the least bridging and the least transformer that parts.toml asks for."""
    transformer = {"lp": 20.0, "cww": windings_f}
    return Corner(factors=dict.fromkeys(BRIDGES, 0.99), limits={"T411": transformer, "T421": transformer})


def simulate_call(
    card: float,
    *,
    agent: float = 0,
    customer: float = 0,
    is_tapped: bool = True,
    windings_f: float = WINDINGS_F,
    cable_f: float = CABLE_F,
) -> Result:
    """Run both lines with a source on one of them; the card's ground is the unit's, by 0.1 ohms of cable."""
    lines = [line.format(agent=agent, customer=customer) for line in (*MICROPHONE, *EARPIECE, *BETWEEN)]
    tap = [
        *deck(CIRCUIT, least(windings_f)),
        f"Rleft line_in_l card {card}",
        f"Rright line_in_r card {card}",
        "Cleft line_in_l card_gnd 300p",
        "Cright line_in_r card_gnd 300p",
        f"Clr line_in_l line_in_r {cable_f}",
        "Rcable card_gnd card 0.1",
        "Rcard card 0 0.1",
    ]
    outputs = ("v(line_in_l,card)", "v(line_in_r,card)") if is_tapped else ()
    asked = ("v(agent_a,agent_b)", "v(customer_a,customer_b)", *outputs)
    return run([*lines, *(tap if is_tapped else [])], BAND, asked)


def decibels(ratio: float) -> float:
    """Return a ratio of voltages in dB."""
    return 20 * math.log10(ratio)


def loss() -> list[Figure]:
    """How much quieter the call is with the tap than without."""
    found = []
    bare = {
        "microphone": simulate_call(1e9, agent=1e-3, is_tapped=False)["v(agent_a,agent_b)"],
        "earpiece": simulate_call(1e9, customer=1, is_tapped=False)["v(customer_a,customer_b)"],
    }
    for name, ohms in CARDS.items():
        with_tap = {
            "microphone": simulate_call(ohms, agent=1e-3)["v(agent_a,agent_b)"],
            "earpiece": simulate_call(ohms, customer=1)["v(customer_a,customer_b)"],
        }
        found += [
            Figure(
                what=f"{line} with {name}: loss, most",
                value=decibels(float(np.max(bare[line] / with_tap[line]))),
                unit="dB",
                most=0.5,
            )
            for line in bare
        ]
    return found


def crosstalk() -> list[Figure]:
    """How much of one side is on the other, on the call's own lines and at the card.

    Capacitances can cancel each other, so each pair is run at its most and near nothing; the worst is told.
    """
    mic, ear = "v(agent_a,agent_b)", "v(customer_a,customer_b)"
    left, right = "v(line_in_l,card)", "v(line_in_r,card)"
    cases = (
        ("customer in the agent's microphone", "customer", 10e3, mic, ear),
        ("the same, sound card off", "customer", 600.0, mic, ear),
        ("agent in the earpiece", "agent", 10e3, ear, mic),
        ("customer on the left channel, 10 kΩ", "customer", 10e3, left, right),
        ("agent on the right channel, 10 kΩ", "agent", 10e3, right, left),
        ("customer on the left channel, 47 kΩ", "customer", 47e3, left, right),
        ("agent on the right channel, 47 kΩ", "agent", 47e3, right, left),
    )
    found = []
    for what, speaker, card, victim, source in cases:
        most = -math.inf
        for windings_f in (WINDINGS_F, WINDINGS_F / 10):
            for cable_f in (CABLE_F, CABLE_F / 10):
                result = simulate_call(
                    card,
                    agent=1e-3 if speaker == "agent" else 0,
                    customer=1e-3 if speaker == "customer" else 0,
                    windings_f=windings_f,
                    cable_f=cable_f,
                )
                most = max(most, decibels(float(np.max(result[victim] / result[source]))))
        found.append(Figure(what=f"{what}, most", value=most, unit="dB", most=-50))
    return found


def response() -> list[Figure]:
    """How much reaches the card, and how evenly."""
    found = []
    for name in ("a line input of 10 kΩ", "a line input of 47 kΩ"):
        result = simulate_call(CARDS[name], customer=1)
        gain = 20 * np.log10(result["v(line_in_r,card)"] / result["v(customer_a,customer_b)"])
        found += [
            Figure(what=f"{name}: level at the card, 1 kHz", value=float(np.interp(1000, result.at, gain)), unit="dB"),
            Figure(what=f"{name}: unevenness, 300 Hz to 7 kHz", value=float(np.ptp(gain)), unit="dB", most=3),
        ]
    return found


LEVELS: Final = (
    # side, word, millivolts of speech on the line
    ("agent", "quiet voice, insensitive microphone", 2.0),
    ("agent", "usual", 6.0),
    ("agent", "loud voice, sensitive microphone", 40.0),
    ("customer", "quiet", 20.0),
    ("customer", "usual", 100.0),
    ("customer", "volume at its most", 500.0),
)

FULL_SCALE_V: Final = 1.0
NOISE_DBFS: Final = -80.0
"""The card that parts.toml asks for: 1 V for full scale, noise 80 dB below it."""


def budget() -> list[Figure]:
    """Speech at the card by side and loudness, full scale 1 V, 27 kΩ; peaks are some 12 dB above."""
    result = simulate_call(27e3, customer=1)
    gain = decibels(float(np.interp(1000, result.at, result["v(line_in_r,card)"] / result["v(customer_a,customer_b)"])))
    found = []
    for side, word, millivolts in LEVELS:
        at_card = decibels(millivolts / 1000 / FULL_SCALE_V) + gain
        found += [
            Figure(what=f"{side}, {word}, {millivolts:g} mV: speech at the card", value=at_card, unit="dBFS", most=-12),
            Figure(what=f"{side}, {word}: above the card's noise", value=at_card - NOISE_DBFS, unit="dB", least=15),
        ]
    return found


def faults() -> list[Figure]:
    """What one broken part does to the call: each of the tap's parts shorted, card shorted as well."""
    bare = simulate_call(1e9, agent=1e-3, is_tapped=False)["v(agent_a,agent_b)"]
    most = 0.0
    for part in CIRCUIT.parts:
        if part.ref.startswith(("R41", "C41", "T41")):
            most = max(most, _shorted(part, bare))
    return [Figure(what="any one part of a side shorted, and the plug too: loss, most", value=most, unit="dB", most=1)]


def _shorted(part: Part, bare: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    one, two, *_ = (net.lower() for net in part.nets)
    lines = [line.format(agent=1e-3, customer=0) for line in (*MICROPHONE, *EARPIECE, *BETWEEN)]
    rig = [*lines, *deck(CIRCUIT, least()), "Rl line_in_l 0 0.01", "Rr line_in_r 0 0.01", "Rc card_gnd 0 0.1"]
    result = run([*rig, f"Rfault {one} {two} 0.01"], BAND, ("v(agent_a,agent_b)",))
    return decibels(float(np.max(bare / result["v(agent_a,agent_b)"])))


def simulate() -> list[Figure]:
    """Return every figure of the headset tap."""
    return [*loss(), *crosstalk(), *response(), *budget(), *faults()]
