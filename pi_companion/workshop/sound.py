"""Do both sides of the tap arrive, each where it belongs? By the dial tone, which only the customer's side has.

The agent's own voice comes back in the earpiece, so it alone does not tell the sides apart.
"""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from pi_companion.core.framer import FRAME_SAMPLES
from pi_companion.errors import HardwareError
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.phone import PERSON_MS
from pi_companion.workshop.reading import Reading, Verdict, fine_if
from pi_companion.workshop.rig import Ask, Samples
from pi_companion.workshop.wired import Wired

LISTEN_MS: Final = 4000
TONE_DBFS: Final = -50
VOICE_DBFS: Final = -66
"""Softer than these is no dial tone and no voice: the tap's budget is in `hardware/circuits/README.md`."""

LOUD_DBFS: Final = -6
APART_DB: Final = 10
_NOTHING_DBFS: Final = -96
_FULL: Final = 32768


def audio(bench: Bench) -> Iterator[Reading]:
    """Record the dial tone, then the agent's voice."""
    with Wired(bench.rig) as wired:
        try:
            tone, voice = _listen(bench, wired)
        except HardwareError as error:
            expected = "a sound card that records"
            advice = "pi-companion doctor lists the cards; unplug the card and plug it in again"
            yield Reading(part="sound card", expected=expected, found=str(error), verdict=Verdict.WRONG, advice=advice)
            return
    if bench.station.customer_side:
        yield _customer(tone)
    yield _agent(voice, silent_dbfs=tone[0])


def _listen(bench: Bench, wired: Wired) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the levels of both sides, agent first: with the dial tone, and with the agent's voice."""
    bench.rig.ask(Ask.LIFT)
    wired.wait_for("hook", True, PERSON_MS)
    wired.wait(1000)
    bench.rig.ask(Ask.HUSH)
    tone = _levels_dbfs(bench.rig.record(LISTEN_MS))
    bench.rig.ask(Ask.SPEAK)
    voice = _levels_dbfs(bench.rig.record(LISTEN_MS))
    bench.rig.ask(Ask.HANG_UP)
    wired.wait_for("hook", False, PERSON_MS)
    return tone, voice


def _customer(tone: tuple[int, int]) -> Reading:
    agent, customer = tone
    is_swapped = agent >= TONE_DBFS and agent - customer >= APART_DB
    is_right = TONE_DBFS <= customer <= LOUD_DBFS and customer - agent >= APART_DB
    return Reading(
        part="customer's side",
        expected=f"the dial tone, {TONE_DBFS} to {LOUD_DBFS} dBFS, and {APART_DB} dB less on the agent's side",
        found=_told(tone) + ("; the sides are swapped" if is_swapped else ""),
        verdict=fine_if(is_right),
        advice="swapped: swap left and right at the card's plug; both alike: the two pairs touch, or the card is mono; "
        "too soft or too loud: the card's input level",
    )


def _agent(voice: tuple[int, int], *, silent_dbfs: int) -> Reading:
    agent, _ = voice
    return Reading(
        part="agent's side",
        expected=f"your voice, {VOICE_DBFS} to {LOUD_DBFS} dBFS, and {APART_DB} dB more than your silence",
        found=f"{_told(voice)}; silence {silent_dbfs} dBFS",
        verdict=fine_if(VOICE_DBFS <= agent <= LOUD_DBFS and agent - silent_dbfs >= APART_DB),
        advice="nothing: the pair of the microphone at the tap; too soft or too loud: the card's input level; only on "
        "the customer's side: the sides are swapped",
    )


def _told(levels: tuple[int, int]) -> str:
    agent, customer = levels
    return f"agent {agent} dBFS, customer {customer} dBFS"


def _levels_dbfs(samples: Samples) -> tuple[int, int]:
    """Return the level of each side: of its louder half of 20 ms frames, the root mean square."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].astype(np.float64)
    powers = (frames.reshape(-1, FRAME_SAMPLES, 2) ** 2).mean(axis=1)
    louder = np.sort(powers, axis=0)[len(powers) // 2 :].mean(axis=0)
    agent, customer = (
        round(10 * math.log10(power / _FULL**2)) if power else _NOTHING_DBFS for power in map(float, louder)
    )
    return agent, customer
