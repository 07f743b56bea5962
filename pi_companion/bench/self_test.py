"""What of a device can be tested where its parts are not? The adapters of a Pi on simulated parts, each said to be one.

Keeps law 10: asked for by name (`doctor --simulated-board`). Nothing here looks at the machine's own parts, or says
anything about them.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import as_file, files
from typing import Final

from pi_companion import config
from pi_companion.adapters.draw import draw
from pi_companion.adapters.harness import read_once
from pi_companion.adapters.line import Line
from pi_companion.adapters.oled import open_oled
from pi_companion.adapters.panel import Panel
from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.effects import PressMute, SetLeds
from pi_companion.core.facts import Fact, HookChanged, MuteLampChanged, RingLineChanged
from pi_companion.core.framer import FRAME_MS, Framer
from pi_companion.core.harness import CODES, word_of
from pi_companion.core.out_of_service import stopped
from pi_companion.core.states import Light
from pi_companion.errors import HardwareError
from pi_companion.pinout import Pinout
from pi_companion.session.sound import read_sound

_CALL: Final = "03-hold-with-consent"
_HEARD_MS: Final = 20_000
_PULSE_MS: Final = 120


def looks(site: config.Site) -> Mapping[str, Callable[[], str]]:
    """Return, by part, what tests the program on a simulated one. Each raises `HardwareError` if it fails."""
    return {
        "sound card": _sound,
        "GPIO": _gpio,
        "harness": _harness,
        "OLED": _oled,
        "seat sensor": partial(_seat, site),
    }


def _sound() -> str:
    with as_file(files("pi_companion.bench.calls") / _CALL / "audio.flac") as file:
        pcm = read_sound(file)
    frames = list(Framer().cut(pcm))[: _HEARD_MS // FRAME_MS]
    agent, customer = WebRtcVoice(), WebRtcVoice()
    voiced = [
        sum(agent.is_speech(frame.agent) for frame in frames),
        sum(customer.is_speech(frame.customer) for frame in frames),
    ]
    if not all(voiced):
        raise HardwareError("simulated: nobody is heard in a recorded call")
    told = " and ".join(f"{count * FRAME_MS / 1000:.0f} s" for count in voiced)
    return f"simulated: {_HEARD_MS // 1000} s of a recorded call, voices in {told} of them"


def _gpio() -> str:
    """Have the simulated phone ring, answer, and mute and unmute by the contact."""
    phone, pinout, seen = DeskPhone(), Pinout(), list[Fact]()
    board = Board(pinout, phone)
    try:
        with (
            Panel(pinout, board.factory) as panel,
            Line(pinout, board.factory, seen.append, board.milliseconds_of),
        ):
            on = Light.ON
            panel.perform(SetLeds(at=0, green=on, amber=on, red=on, mute=on, lease_until=60_000))
            lit = [board.light(name) for name in ("green", "amber", "red", "mute")]
            phone.ring(1000, on=True)
            phone.ring(2000, on=False)
            phone.hook(2500, off_hook=True)
            for at, is_muted in ((3000, True), (4000, False)):
                board.set_time(at)
                panel.perform(PressMute(at=at, pulse_ms=_PULSE_MS))
                board.set_time(at + _PULSE_MS)
                panel.pass_time(at + _PULSE_MS)
                board.set_time(at + 500)
                phone.advance(at + 500)
                if phone.is_muted is not is_muted or board.is_contact_closed:
                    raise HardwareError("simulated: the MUTE contact did not do what was asked of it")
    finally:
        board.close()
    is_seen = all(
        any(isinstance(fact, kind) for fact in seen) for kind in (RingLineChanged, HookChanged, MuteLampChanged)
    )
    if not all(lit) or not is_seen:
        raise HardwareError("simulated: a line or an LED did not do what was asked of it")
    return "simulated: bell, handset and MUTE lamp are seen, the contact mutes and unmutes, four LEDs light"


def _harness() -> str:
    board = Board(Pinout(), DeskPhone())
    try:
        for code in CODES:
            board.strap(word_of(code))
            if (found := read_once(Pinout(), board.factory, lambda _s: None).code) != code:
                raise HardwareError(f"simulated: code {code} is read as {found}")
    finally:
        board.close()
    return f"simulated: each of the {len(CODES)} codes is read"


def _oled() -> str:
    oled, screen = open_oled("capture"), stopped()
    oled.show(screen)
    shown: bytes = oled.device.image.tobytes()  # type: ignore[attr-defined]  # luma's simulated one
    oled.close()
    if shown != draw(screen).tobytes():
        raise HardwareError("simulated: shows another picture than was drawn")
    return "simulated: shows what is drawn, 128x64"


def _seat(site: config.Site) -> str:
    if site.station.seat_sensor:
        raise HardwareError("the settings say that one is fitted; there is no simulated one: look at the device itself")
    return "none fitted, the settings say: nothing is claimed about the seat"
