"""What does every step get? The unit, the settings of the desk it is for, and where to say something meanwhile."""

from dataclasses import dataclass

from pi_companion.core.settings import Pack, Station
from pi_companion.workshop.reading import Say
from pi_companion.workshop.rig import Rig


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """`learned`: what the steps found out about the phone, by name of a station's setting; they add to it."""

    rig: Rig
    station: Station
    pack: Pack
    say: Say
    learned: dict[str, int]
