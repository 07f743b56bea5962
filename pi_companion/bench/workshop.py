"""How is the workshop's tool tried without a unit? A simulated unit and phone, and a person who does as asked.

Simulated, and asked for by name (law 10): `pi-companion board --simulated`. Time passes only where a step waits, so a
minute is over at once and the readings are always the same: those that `hardware/bring-up.md` promises.
"""

import heapq
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.adapters.seat import PERIOD_MS, Measured
from pi_companion.bench.board import Board, LightName
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.facts import Button
from pi_companion.core.framer import SAMPLE_RATE_HZ
from pi_companion.core.harness import word_of
from pi_companion.pinout import Pinout
from pi_companion.workshop.outputs import panel_picture
from pi_companion.workshop.reading import Say
from pi_companion.workshop.rig import Ask, Look, Samples

CODE: Final = 12
"""The station that the simulated harness is of."""

SITS_MM: Final = 640

_RINGS: Final = 4
_RING_ON_MS: Final = 1000
_RING_OFF_MS: Final = 4000
_SOON_MS: Final = 2000
"""A person takes so long to do what was asked."""

_TONE_HZ: Final = 450
_TONE, _NOISE, _VOICE, _SIDETONE = 4600, 8, 1800, 180  # amplitudes, of 32768
_LEDS: Final[Mapping[Look, LightName]] = {Look.GREEN: "green", Look.AMBER: "amber", Look.RED: "red", Look.MUTE: "mute"}


class SimulatedRig:
    """A unit with its phone, on a clock of its own. `faults`: see `phone_faults.FAULTS`; `word`: its harness's."""

    is_simulated = True

    def __init__(self, say: Say, *, faults: tuple[str, ...] = (), word: int = word_of(CODE)) -> None:
        self._say = say
        self.phone = DeskPhone(key_delay_ms=60, faults=faults)
        self.board = Board(Pinout(), self.phone)
        self.board.strap(word)
        self._panel = open_oled("capture")
        self._ahead: list[tuple[int, int, Callable[[int], None]]] = []
        self._is_speaking = False

    @property
    def factory(self) -> Any:  # noqa: ANN401 - gpiozero publishes no types
        """The board's mock pins."""
        return self.board.factory

    def now(self) -> int:
        """Return the board's time."""
        return self.board.now

    def wait(self, ms: int) -> None:
        """Go on to what happens next, until so much time has passed."""
        until = self.board.now + ms
        while True:
            dues = [
                due for due in (self.phone.next_at(), self._ahead[0][0] if self._ahead else None) if due is not None
            ]
            now = min([*dues, until])
            self.board.set_time(now)
            self.phone.advance(now)
            while self._ahead and self._ahead[0][0] <= now:
                heapq.heappop(self._ahead)[2](now)
            if now == until:
                return

    def ask(self, what: Ask) -> None:
        """Have it done, a little later."""
        self._say(f"  now: {what}")
        self._is_speaking = what is Ask.SPEAK
        match what:
            case Ask.REST | Ask.HANG_UP if self.phone.is_off_hook:
                self._soon(lambda at: self.phone.hook(at, off_hook=False))
            case Ask.LIFT:
                self._soon(lambda at: self.phone.hook(at, off_hook=True))
            case Ask.KEY_ON | Ask.KEY_OFF:
                self._soon(self.phone.own_mute_key)
            case Ask.BUTTONS:
                for place, button in enumerate(Button):
                    self._press(button, place * 1000)
            case Ask.RING:
                self._ring(_RINGS)
            case Ask.TRY:
                self._soon(lambda at: self.phone.hook(at, off_hook=True))
                self._soon(lambda at: self.phone.hook(at, off_hook=False), 2000)
                self._press(Button.PAGE, 4000)
            case _:
                pass

    def confirms(self, what: Look) -> bool | None:
        """Return what somebody sees who looks at the simulated parts."""
        match what:
            case Look.PICTURE:
                shown = self._panel.picture
                return shown is not None and shown.tobytes() == panel_picture().tobytes()
            case Look.TEST_CALL:
                return self.phone.is_off_hook
            case Look.MUTED:
                return self.phone.is_muted
            case _:
                lit = [name for name in _LEDS.values() if self.board.light(name)]
                return lit == [_LEDS[what]]

    def open_panel(self) -> Oled:
        """Return the simulated panel."""
        return self._panel

    def open_sensor(self) -> "SimulatedRig":
        """Return a sensor before which somebody sits still."""
        return self

    def measure(self) -> Measured:
        """Return the next reading of the sensor."""
        self.wait(PERIOD_MS)
        return Measured(distance_mm=SITS_MM + self.board.now // PERIOD_MS % 2 * 4)

    def close(self) -> None:
        """Let the sensor go."""

    def record(self, ms: int) -> Samples:
        """Return the dial tone while the handset is up, a voice while somebody speaks, and hardly any noise."""
        self.wait(ms)
        count = ms * SAMPLE_RATE_HZ // 1000
        noise = np.random.default_rng(count).integers(-_NOISE, _NOISE + 1, (count, 2))
        wave = np.sin(2 * np.pi * _TONE_HZ / SAMPLE_RATE_HZ * np.arange(count))
        if self._is_speaking:
            noise += np.outer(wave, (_VOICE, _SIDETONE)).astype(np.int64)
        if self.phone.is_off_hook:
            noise += np.outer(wave, (0, _TONE)).astype(np.int64)
        return noise.astype(np.int16)

    def _soon(self, act: Callable[[int], None], later_ms: int = 0) -> None:
        heapq.heappush(self._ahead, (self.board.now + _SOON_MS + later_ms, len(self._ahead), act))

    def _press(self, button: Button, later_ms: int) -> None:
        self._soon(lambda _at: self.board.press(button), later_ms)

    def _ring(self, times: int) -> None:
        for ring in range(times):
            began = ring * (_RING_ON_MS + _RING_OFF_MS)
            self._soon(lambda at: self.phone.ring(at, on=True), began)
            self._soon(lambda at: self.phone.ring(at, on=False), began + _RING_ON_MS)
