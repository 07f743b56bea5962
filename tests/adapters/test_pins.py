"""The chip is chosen by what it is, nothing stands in for it, and what is wrong with it is said."""

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from gpiozero import PinUnknownPi
from gpiozero.pins.mock import MockFactory

from pi_companion.adapters import pins
from pi_companion.adapters.pins import claiming, label, open_chip
from pi_companion.errors import HardwareError


class LgpioError(Exception):
    """What lgpio raises."""


class Lgpio(ModuleType):
    """Stands in for the module lgpio: chips by number, each with its label; None: it cannot be opened."""

    error = LgpioError

    def __init__(self, labels: dict[int, str | None]) -> None:
        super().__init__("lgpio")
        self.labels = labels
        self.open: list[int] = []

    def gpiochip_open(self, number: int) -> int:
        if self.labels[number] is None:
            raise LgpioError("can not open gpiochip")
        self.open.append(number)
        return number

    def gpiochip_close(self, handle: int) -> None:
        self.open.remove(handle)

    def gpio_get_chip_info(self, handle: int) -> list[object]:
        return [0, 54, f"gpiochip{handle}", self.labels[handle]]


class Factory(MockFactory):  # type: ignore[misc]  # gpiozero publishes no types
    """gpiozero's factory on lgpio, as far as it matters here."""

    def __init__(self, chip: int) -> None:
        super().__init__(revision="a02082")
        self.chip = chip


class Machine:
    """A machine with GPIO chips."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, devices: Path) -> None:
        self._monkeypatch, self.devices = monkeypatch, devices
        self.lgpio = Lgpio({})
        self.gpiozero = SimpleNamespace(LGPIOFactory=Factory)
        monkeypatch.setitem(sys.modules, "lgpio", self.lgpio)
        monkeypatch.setattr(pins, "import_module", lambda _name: self.gpiozero)

    def has(self, **chips: str | None) -> None:
        for name, chip in chips.items():
            (self.devices / name).touch()
            self.lgpio.labels[int(name.removeprefix("gpiochip"))] = chip

    def closes(self, *names: str) -> None:
        """Root may open anything: say otherwise."""
        paths = {self.devices / name for name in names}
        self._monkeypatch.setattr(os, "access", lambda path, _mode: path not in paths)

    def refusal(self) -> str:
        with pytest.raises(HardwareError) as error:
            open_chip(self.devices)
        return str(error.value)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


@pytest.mark.parametrize("chip", ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"])
def test_the_header_is_found_by_its_label_whatever_its_number(machine: Machine, chip: str) -> None:
    machine.has(gpiochip0="brcmvirt-gpio", gpiochip4=chip, gpiochip10="gpio-brcmstb@107d517c00")

    factory = open_chip(machine.devices)

    assert (factory.chip, label(factory), machine.lgpio.open) == (4, f"{chip} (/dev/gpiochip4)", [])


def test_a_machine_without_gpio_is_no_pi(machine: Machine) -> None:
    assert machine.refusal().startswith("there is no GPIO chip (no /dev/gpiochip*): this must be a Raspberry Pi")


def test_a_machine_with_another_chip_is_told_what_it_has(machine: Machine) -> None:
    machine.has(gpiochip0="INT34C5:00", gpiochip1=None)

    assert "(gpiochip0 is INT34C5:00, gpiochip1 is closed (can not open gpiochip))" in machine.refusal()


def test_a_chip_that_may_not_be_opened_names_the_group(machine: Machine) -> None:
    machine.has(gpiochip0="pinctrl-bcm2711")
    machine.closes("gpiochip0")

    assert machine.refusal() == "may not open /dev/gpiochip0: add this user to the group gpio and log in again"


def test_a_chip_beside_one_that_may_not_be_opened_is_enough(machine: Machine) -> None:
    machine.has(gpiochip0="brcmvirt-gpio", gpiochip1="pinctrl-bcm2711")
    machine.closes("gpiochip0")

    assert open_chip(machine.devices).chip == 1


def test_a_chip_that_breaks_while_it_is_opened_is_named(machine: Machine) -> None:
    def broken(chip: int) -> None:
        raise LgpioError(f"no {chip}")

    machine.has(gpiochip0="pinctrl-bcm2711")
    machine.gpiozero.LGPIOFactory = broken

    assert machine.refusal() == "/dev/gpiochip0 cannot be opened (no 0); see who holds it with: gpioinfo"


def test_a_machine_that_does_not_say_which_pi_it_is_is_told_so_at_once(machine: Machine) -> None:
    class Unknown(Factory):
        @property
        def board_info(self) -> None:
            raise PinUnknownPi("unable to locate Pi revision")

    machine.has(gpiochip0="pinctrl-bcm2835")
    machine.gpiozero.LGPIOFactory = Unknown

    assert machine.refusal().startswith("this machine does not say which Raspberry Pi it is (unable to locate")


@pytest.fixture
def without_lgpio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "lgpio", raising=False)


@pytest.mark.usefixtures("without_lgpio")
@pytest.mark.parametrize("problem", [ModuleNotFoundError("No module named 'lgpio'"), AttributeError("SET_PULL_NONE")])
def test_a_missing_library_is_an_error_and_never_a_simulation(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def absent(_name: str) -> None:
        raise problem

    monkeypatch.setattr(pins, "import_module", absent)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")

    with pytest.raises(
        HardwareError, match=r"^the pins need the lgpio library .*: install pi-companion\[pi\] on the Pi"
    ):
        open_chip()


@pytest.mark.usefixtures("without_lgpio")
@pytest.mark.parametrize("wanted", [None, "/somewhere"])
def test_the_library_gets_a_folder_of_its_own_to_be_imported_in_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: str | None
) -> None:
    def change_folder(name: str) -> ModuleType:
        """What importing lgpio does."""
        os.chdir(os.environ["LG_WD"])
        Path(".lgd-nfy-3").touch()
        return ModuleType(name)

    monkeypatch.setattr(pins, "import_module", change_folder)
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}:/elsewhere")
    if wanted is None:
        monkeypatch.delenv("LG_WD", raising=False)
    else:
        monkeypatch.setenv("LG_WD", wanted)
    here = Path.cwd()

    pins._library()

    assert (Path.cwd(), list(tmp_path.iterdir()), os.environ.get("LG_WD")) == (here, [], wanted)


@pytest.mark.usefixtures("without_lgpio")
def test_a_system_without_any_folder_to_write_to_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/nowhere")

    with pytest.raises(HardwareError, match=r"lgpio found no folder to write to .*\$RUNTIME_DIRECTORY"):
        pins._library()


def test_a_line_that_another_program_holds_is_named_with_its_pin_and_what_to_do() -> None:
    def claim() -> None:
        with claiming("mute_contact", 26):
            raise LgpioError("GPIO busy")

    with pytest.raises(HardwareError) as error:
        claim()

    assert str(error.value) == (
        "mute_contact: GPIO 26 (header pin 37) cannot be used (GPIO busy): stop the program that holds it (see it "
        "with: gpioinfo), or a second pi-companion"
    )
