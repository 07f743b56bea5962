"""What do the LEDs say? Rings by colour (RING-1), mute only as sensed (law 5), every light on a lease (law 7)."""

from typing import Final, NamedTuple

from pi_companion.core.effects import SetLeds
from pi_companion.core.limits import Ringing
from pi_companion.core.states import Light, LineState, MuteState

LEASE_MS: Final = 10000
"""A light not renewed goes dark after this; it is renewed at half of it."""


class Lights(NamedTuple):
    """The four LEDs, by position from the left."""

    green: Light = Light.OFF
    amber: Light = Light.OFF
    red: Light = Light.OFF
    mute: Light = Light.OFF


DARK: Final = Lights()


def lights(
    line: LineState,
    rings: int,
    mute: MuteState,
    limits: Ringing,
    *,
    is_assumed_muted: bool,
    is_seat_empty: bool = False,
) -> Lights:
    """Return what the LEDs should show; each ring colour has its place and its rhythm, faster as it gets late (RING-5).

    At an empty seat it is the red one from the first ring on (RING-3), in the same rhythm. The mute LED is steady only
    while the lamp says muted.
    """
    if line is LineState.RINGING:
        if rings <= limits.green_to:
            return Lights(red=Light.ON) if is_seat_empty else Lights(green=Light.ON)
        if rings <= limits.amber_to:
            return Lights(red=Light.BLINK) if is_seat_empty else Lights(amber=Light.BLINK)
        return Lights(red=Light.BLINK_FAST)
    if line not in {LineState.CONNECTED, LineState.ON_HOLD}:
        return DARK
    match mute:
        case MuteState.MUTED:
            return Lights(mute=Light.ON)
        case MuteState.PRESSING | MuteState.DISPUTED:
            return Lights(mute=Light.BLINK_FAST)
        case MuteState.UNKNOWN if is_assumed_muted:
            return Lights(mute=Light.BLINK)
        case _:
            return DARK


class LeasedLights:
    """Sets the LEDs when they change and renews the lease of those that are lit."""

    def __init__(self) -> None:
        self._shown = DARK
        self._renew_at: int | None = None

    def show(self, at: int, wanted: Lights) -> tuple[SetLeds, ...]:
        """Return the request, if the lights change or their lease is half over."""
        is_renewal = self._renew_at is not None and at >= self._renew_at
        if wanted == self._shown and not is_renewal:
            return ()
        self._shown = wanted
        is_lit = wanted != DARK
        self._renew_at = at + LEASE_MS // 2 if is_lit else None
        return (SetLeds(at=at, **wanted._asdict(), lease_until=at + LEASE_MS if is_lit else None),)

    def deadline(self) -> int | None:
        """Return when the lease is to be renewed."""
        return self._renew_at
