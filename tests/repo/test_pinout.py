"""Law 6 on the header: what the Pi does to a pin at boot never presses the phone's key; no pin is named elsewhere."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pi_companion.core.facts import Button
from pi_companion.errors import ConfigError
from pi_companion.pinout import HEADER, I2C, Output, Pinout, Pull, complaints

PACKAGE = Path(__file__).parents[2] / "pi_companion"
DEVICES = frozenset({"InputDevice", "OutputDevice", "LED", "Button", "pin"})
GROUND_OR_SUPPLY = {1, 2, 4, 6, 9, 14, 17, 20, 25, 30, 34, 39}


def named_pins(source: str) -> Iterator[str]:
    """Where a module names a pin by number, as `line: what`."""
    for number, line in enumerate(source.splitlines(), 1):
        if found := re.search(r"\b(?:GPIO|BCM|gpio)[ _]?\d+", line):
            yield f"{number}: {found[0]}"
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=int()), *_])
                | ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=int()), *_])
            ) if name in DEVICES:
                yield f"{node.lineno}: {name}()"


def refused(**lines: object) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as error:
        replace(Pinout(), **lines)  # type: ignore[arg-type]  # the tests hand in lines by name
    return error.value.complaints


def test_the_pinout_can_be_built() -> None:
    assert complaints(Pinout()) == ()


def test_the_header_has_each_pin_once_and_none_on_ground_or_supply() -> None:
    assert sorted(HEADER) == list(range(28))
    assert {*HEADER.values()} | GROUND_OR_SUPPLY == set(range(1, 41))
    assert len({*HEADER.values()}) == 28


def test_the_outputs_that_press_a_key_are_the_mute_contact_alone() -> None:
    pressing = [name for name, line in Pinout().lines().items() if isinstance(line, Output) and line.presses_key]

    assert pressing == ["mute_contact"]


@pytest.mark.parametrize("bcm", [0, 1, 4, 7, 8])
def test_a_key_on_a_pin_that_is_pulled_up_at_boot_is_refused(bcm: int) -> None:
    contact = replace(Pinout().mute_contact, bcm=bcm)

    assert f"mute_contact: GPIO {bcm} is pulled up at boot and would press the key" in refused(mute_contact=contact)


def test_a_key_on_the_console_pin_is_refused() -> None:
    contact = replace(Pinout().mute_contact, bcm=14)

    assert refused(mute_contact=contact) == ("mute_contact: GPIO 14 goes high at boot and would press the key",)


def test_a_key_that_closes_without_power_is_refused() -> None:
    contact = replace(Pinout().mute_contact, is_active_low=True)

    assert refused(mute_contact=contact) == (
        "mute_contact: a contact that closes on low would be closed whenever the Pi is off",
    )


def test_an_led_may_sit_on_a_pin_that_is_pulled_up_at_boot() -> None:
    pinout = Pinout()

    assert complaints(replace(pinout, red=replace(pinout.red, bcm=1))) == ()


def test_a_pin_used_twice_is_refused_and_both_lines_are_named() -> None:
    pinout = Pinout()

    assert refused(amber=replace(pinout.amber, bcm=pinout.green.bcm)) == (
        "green: GPIO 12 is used 2 times",
        "amber: GPIO 12 is used 2 times",
    )


@pytest.mark.parametrize("bcm", I2C.values())
def test_a_line_on_the_i2c_bus_is_refused(bcm: int) -> None:
    assert refused(ring=replace(Pinout().ring, bcm=bcm)) == (f"ring: GPIO {bcm} is the I2C bus",)


def test_a_pin_that_is_not_on_the_header_is_refused() -> None:
    assert refused(red=replace(Pinout().red, bcm=28)) == ("red: there is no GPIO 28 on the header",)


def test_a_line_whose_cut_wire_would_read_as_yes_is_refused() -> None:
    assert refused(hook=replace(Pinout().hook, pull=Pull.DOWN)) == ("hook: a line pulled down must be active high",)


def test_every_button_has_a_line_of_its_own() -> None:
    pinout = Pinout()

    assert [pinout.button(button) for button in Button] == [pinout.resume, pinout.page, pinout.snooze]


def test_the_harness_has_six_lines_of_its_own_that_idle_open() -> None:
    lines = Pinout().harness()

    assert len({line.bcm for line in lines}) == 6
    assert {(line.pull, line.is_active_low) for line in lines} == {(Pull.UP, True)}
    assert [name for name, line in Pinout().lines().items() if line in lines] == [
        "harness_1",
        "harness_2",
        "harness_4",
        "harness_8",
        "harness_16",
        "harness_parity",
    ]


def test_audio_hat_console_and_eeprom_find_their_pins_free() -> None:
    used = {line.bcm for line in Pinout().lines().values()} | {*I2C.values()}

    assert used.isdisjoint({18, 19, 20, 21, 14, 15, 0, 1})


def test_a_harness_line_on_the_pin_of_another_is_refused() -> None:
    pinout = Pinout()

    assert refused(harness_4=replace(pinout.harness_4, bcm=pinout.mute_contact.bcm)) == (
        "harness_4: GPIO 26 is used 2 times",
        "mute_contact: GPIO 26 is used 2 times",
    )


def test_the_away_lamp_idles_dark_and_is_across_the_header_from_the_mute_lamp() -> None:
    lamp, mute_lamp = Pinout().busy_lamp, Pinout().mute_lamp

    assert (HEADER[lamp.bcm], HEADER[mute_lamp.bcm], lamp.pull, lamp.is_active_low) == (16, 15, Pull.UP, True)


def test_every_line_says_why() -> None:
    assert [name for name, line in Pinout().lines().items() if len(line.why) < 20] == []


@pytest.mark.parametrize("source", ["led = LED(17)", "pin = factory.pin(26)", "x = 1  # GPIO 26 is free", "GPIO4 = 4"])
def test_a_pin_named_elsewhere_is_seen(source: str) -> None:
    assert len(list(named_pins(source))) == 1


def test_no_other_module_names_a_pin() -> None:
    modules = (path for path in PACKAGE.rglob("*.py") if path.name != "pinout.py")
    found = {path.name: pins for path in modules if (pins := list(named_pins(path.read_text())))}

    assert found == {}
