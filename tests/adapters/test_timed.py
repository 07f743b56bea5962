"""What lgpio is asked to do by itself: end a pulse, and blink beginning lit."""

import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory

from pi_companion.adapters.panel import Panel
from pi_companion.adapters.timed import blink, low_after
from pi_companion.core.effects import PressMute, SetLeds
from pi_companion.core.states import Light
from pi_companion.pinout import Pinout

PINOUT = Pinout()


class Lgpio(ModuleType):
    """Writes down what it is asked for."""

    def __init__(self) -> None:
        super().__init__("lgpio")
        self.asked: list[tuple[Any, ...]] = []
        self.is_full = False

    @staticmethod
    def pulse(*pulse: int) -> tuple[int, ...]:
        return pulse

    def tx_wave(self, handle: int, bcm: int, pulses: list[tuple[int, ...]]) -> None:
        if self.is_full:
            raise RuntimeError("queue full")
        self.asked.append(("wave", handle, bcm, *pulses))

    def tx_pulse(self, *pulse: int) -> None:
        self.asked.append(("pulse", *pulse))


class Factory(MockFactory):  # type: ignore[misc]  # gpiozero publishes no types
    """gpiozero's factory on lgpio, as far as it matters here."""

    _handle = 7


@pytest.fixture
def lgpio(monkeypatch: pytest.MonkeyPatch) -> Lgpio:
    lgpio = Lgpio()
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", SimpleNamespace(lgpio=lgpio, LGPIOFactory=Factory))
    return lgpio


def test_an_output_goes_low_after_its_time_and_not_before(lgpio: Lgpio) -> None:
    low_after(Factory(), 26, 120)

    assert lgpio.asked == [("wave", 7, 26, (0, 0, 120000), (0, 1, 0))]


def test_the_end_of_a_press_is_asked_for_before_the_contact_closes(lgpio: Lgpio) -> None:
    factory = Factory()
    with Panel(PINOUT, factory) as panel:
        lgpio.is_full = True
        with pytest.raises(RuntimeError, match="queue full"):
            panel.perform(PressMute(at=0, pulse_ms=120))
        is_closed_without = panel._contact.value
        lgpio.is_full = False
        panel.perform(PressMute(at=0, pulse_ms=5000))

        assert (is_closed_without, panel._contact.value, lgpio.asked) == (
            0,
            1,
            [("wave", 7, 26, (0, 0, 300000), (0, 1, 0))],
        )


@pytest.mark.parametrize(("hertz", "half_us"), [(1, 500000), (4, 125000)])
@pytest.mark.parametrize("us", [0, 1, 249_999, 999_999])
def test_blinking_begins_lit_and_turns_after_half_a_cycle_wherever_the_clock_stands(
    lgpio: Lgpio, monkeypatch: pytest.MonkeyPatch, hertz: int, half_us: int, us: int
) -> None:
    monkeypatch.setattr(time, "monotonic_ns", lambda: 5_000_000_000 + us * 1000)
    factory = Factory()
    led = LED(12, pin_factory=factory)

    blink(factory, 12, led, hertz)

    ((_, _, _, on_us, off_us, offset_us, cycles),) = lgpio.asked
    begins_us = us // (2 * half_us) * 2 * half_us + 2 * half_us + offset_us  # lgpio: at the next full part of a second
    assert (led.value, on_us, off_us, begins_us, cycles) == (1, half_us, half_us, us, 0)


def test_what_blinks_is_stopped_before_it_is_set_and_steady_lights_ask_for_nothing(lgpio: Lgpio) -> None:
    factory = Factory()

    def leds(at: int, red: Light) -> SetLeds:
        return SetLeds(at=at, green=Light.OFF, amber=Light.OFF, red=red, mute=Light.ON, lease_until=at + 10000)

    with Panel(PINOUT, factory) as panel:
        for at, red in enumerate((Light.ON, Light.BLINK_FAST, Light.BLINK_FAST, Light.OFF)):
            panel.perform(leds(at, red))
        is_lit = panel._leds["red"].value

    assert ([asked[:4] for asked in lgpio.asked], lgpio.asked[-1], is_lit) == (
        [("pulse", 7, 16, 125000), ("pulse", 7, 16, 0)],
        ("pulse", 7, 16, 0, 0, 0, 0),
        0,
    )


def test_closing_ends_all_blinking_before_the_pins_are_given_back(lgpio: Lgpio) -> None:
    panel = Panel(PINOUT, Factory())
    panel.perform(
        SetLeds(at=0, green=Light.OFF, amber=Light.BLINK, red=Light.OFF, mute=Light.BLINK_FAST, lease_until=10000)
    )

    panel.close()

    assert lgpio.asked[2:] == [("pulse", 7, 13, 0, 0, 0, 0), ("pulse", 7, 24, 0, 0, 0, 0)]


def test_simulated_pins_are_not_lgpios(lgpio: Lgpio) -> None:
    low_after(MockFactory(), 26, 120)

    assert lgpio.asked == []
