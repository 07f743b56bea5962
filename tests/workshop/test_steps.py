"""Each step says what it found, and what to do where that is not what was expected."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from pi_companion.adapters.harness import HarnessLines
from pi_companion.adapters.oled import Oled
from pi_companion.adapters.panel import Panel
from pi_companion.bench.workshop import SimulatedRig
from pi_companion.core.facts import Button
from pi_companion.core.settings import Station
from pi_companion.errors import HardwareError
from pi_companion.packs import load_pack
from pi_companion.pinout import Pinout
from pi_companion.workshop import outputs, phone, sensors, sound
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.reading import Reading, Verdict, told
from pi_companion.workshop.rig import Ask, Look, Samples
from pi_companion.workshop.steps import STEPS, Step, named

PACK = load_pack(None, names={"agent_name": ""})
Read = Callable[[Bench], Iterator[Reading]]


def silent(_line: str) -> None:
    pass


def read(step: Read, rig: SimulatedRig, **station: object) -> list[Reading]:
    fitted = replace(Station(seat_sensor=True), **station)  # type: ignore[arg-type]  # settings by name
    return list(step(Bench(rig=rig, station=fitted, pack=PACK, say=silent, learned={})))


def found(step: Read, rig: SimulatedRig, **station: object) -> list[tuple[Verdict, str]]:
    return [(reading.verdict, reading.found) for reading in read(step, rig, **station)]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_unit_that_works_is_as_expected_in_every_step(step: Step) -> None:
    readings = read(step.read, SimulatedRig(silent))

    assert [reading for reading in readings if reading.verdict is not Verdict.FINE] == []
    assert readings


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_no_step_touches_a_unit_whose_lines_the_device_has(step: Step) -> None:
    class Taken(SimulatedRig):
        def open_panel(self) -> Oled:
            raise AssertionError("the device's panel was opened")

        def open_sensor(self) -> SimulatedRig:
            raise AssertionError("the device's sensor was opened")

    rig = Taken(silent)
    with (
        Panel(Pinout(), rig.factory),
        HarnessLines(Pinout(), rig.factory),
        pytest.raises(HardwareError, match="a second pi-companion"),
    ):
        read(step.read, rig)

    assert rig.phone.presses == 0


def test_what_to_do_is_printed_only_where_it_is_needed() -> None:
    reading = Reading(part="hook", expected="on-hook", found="off-hook", verdict=Verdict.WRONG, advice="mend it")

    assert list(told(reading)) == [
        "✗ hook            expected  on-hook",
        "                  found     off-hook",
        "                  if not    mend it",
    ]
    assert len(list(told(replace(reading, verdict=Verdict.FINE)))) == 2


def test_every_reading_that_can_be_wrong_has_an_advice() -> None:
    readings = [reading for step in STEPS for reading in read(step.read, SimulatedRig(silent))]

    assert [reading.part for reading in readings if len(reading.advice) < 40] == []


# LEDs and OLED


def test_leds_that_nobody_looked_at_are_not_called_right() -> None:
    class Alone(SimulatedRig):
        def confirms(self, what: Look) -> bool | None:  # noqa: ARG002 - nobody is there to be asked
            return None

    assert [reading.verdict for reading in read(outputs.leds, Alone(silent))] == [Verdict.LOOK] * 4


def test_leds_in_each_others_places_are_wrong() -> None:
    rig = SimulatedRig(silent)
    rig.confirms = lambda what: what not in {Look.GREEN, Look.RED}  # type: ignore[method-assign]  # what is seen

    verdicts = [reading.verdict for reading in read(outputs.leds, rig)]
    assert verdicts == [Verdict.WRONG, Verdict.FINE, Verdict.WRONG, Verdict.FINE]


def test_after_the_leds_none_is_lit() -> None:
    rig = SimulatedRig(silent)
    read(outputs.leds, rig)

    assert [rig.board.light(name) for name in ("green", "amber", "red", "mute")] == [False] * 4


def test_a_panel_that_is_not_there_is_told_with_what_to_do() -> None:
    class Bare(SimulatedRig):
        def open_panel(self) -> Oled:
            raise HardwareError("OLED: nothing answers at 0x3C on /dev/i2c-1: check its four wires")

    ((verdict, said),) = found(outputs.oled, Bare(silent))
    assert (verdict, said.startswith("OLED: nothing answers")) == (Verdict.WRONG, True)


# The unit's own sensors


def test_buttons_in_another_order_or_missing_are_wrong() -> None:
    class Mixed(SimulatedRig):
        def ask(self, _what: Ask) -> None:
            self.board.press(Button.PAGE)

    assert found(sensors.buttons, Mixed(silent)) == [(Verdict.WRONG, "page")]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (0, "none plugged in: no line is at ground"),
        (0b001100, "bad parity (at ground: 4, 8): a wire is open or at ground that should not be; try another harness"),
    ],
)
def test_a_harness_that_names_no_station_is_wrong(word: int, said: str) -> None:
    assert found(sensors.harness, SimulatedRig(silent, word=word)) == [(Verdict.WRONG, said)]


def test_no_sensor_fitted_is_left_out() -> None:
    assert found(sensors.distance, SimulatedRig(silent), seat_sensor=False) == [(Verdict.LEFT_OUT, "left out")]


def test_levels_that_are_not_at_rest_are_wrong() -> None:
    rig = SimulatedRig(silent)
    rig.phone.ring(0, on=True)

    assert found(sensors.levels, rig)[0] == (Verdict.WRONG, "ring lamp lit, hook on-hook, MUTE lamp dark")


# The phone


def test_a_hook_line_that_is_cut_is_wrong_where_it_should_turn() -> None:
    class Cut(SimulatedRig):
        def ask(self, _what: Ask) -> None:
            pass

    assert [verdict for verdict, _ in found(phone.hook, Cut(silent))] == [Verdict.FINE, Verdict.WRONG, Verdict.FINE]


def test_rings_that_are_not_alike_teach_no_cadence() -> None:
    class Uneven(SimulatedRig):
        def ask(self, _what: Ask) -> None:
            for began in (100, 3100, 6600):
                self._soon(lambda at: self.phone.ring(at, on=True), began)
                self._soon(lambda at: self.phone.ring(at, on=False), began + 1000)

    assert found(phone.ring, Uneven(silent)) == [(Verdict.WRONG, "3 rings, no two of the same distance")]


def test_the_cadence_is_learned_from_three_rings() -> None:
    rig, learned = SimulatedRig(silent), dict[str, int]()
    list(phone.ring(Bench(rig=rig, station=Station(), pack=PACK, say=silent, learned=learned)))

    assert learned == {"ring_period_ms": 5000}


def test_a_phone_that_does_not_ring_ends_the_step() -> None:
    class Quiet(SimulatedRig):
        def ask(self, _what: Ask) -> None:
            pass

    rig = Quiet(silent)

    assert found(phone.ring, rig) == [(Verdict.WRONG, "0 rings, no two of the same distance")]
    assert rig.now() == phone.RINGING_MS


def test_a_lamp_that_blinks_is_told_with_its_period() -> None:
    verdict, said = found(phone.lamp, SimulatedRig(silent, faults=("lamp_flickers@12000+20000",)))[1]

    assert (verdict, said.startswith("blinks, every 180 ms")) == (Verdict.WRONG, True), said


def test_where_no_lamp_is_sensed_its_step_is_left_out() -> None:
    assert found(phone.lamp, SimulatedRig(silent), mute_lamp=False) == [(Verdict.LEFT_OUT, "left out")]


# Sound


class Sides(SimulatedRig):
    """A tap on whose sides the given levels arrive, first with the dial tone, then with the voice."""

    def __init__(self, *levels: tuple[float, float]) -> None:
        super().__init__(silent)
        self._levels = iter(levels)

    def record(self, ms: int) -> Samples:
        amplitudes = [32768 * 10 ** (level / 20) for level in next(self._levels)]
        return np.tile(np.rint(amplitudes), (ms * 16, 1)).astype(np.int16)


def test_sides_that_are_swapped_are_told_so() -> None:
    tone, voice = read(sound.audio, Sides((-20, -70), (-20, -30)))

    assert (tone.verdict, tone.found) == (
        Verdict.WRONG,
        "agent -20 dBFS, customer -70 dBFS; the sides are swapped",
    )
    assert voice.verdict is Verdict.WRONG  # no louder than the tone was


def test_two_sides_that_are_one_are_wrong() -> None:
    tone, _ = read(sound.audio, Sides((-20, -20), (-30, -30)))

    assert tone.verdict is Verdict.WRONG


def test_a_side_of_nothing_is_wrong_and_no_error() -> None:
    assert found(sound.audio, Sides((-200, -20), (-200, -20)))[1] == (
        Verdict.WRONG,
        "agent -96 dBFS, customer -20 dBFS; silence -96 dBFS",
    )


def test_a_soft_voice_behind_the_passive_tap_is_right_and_hum_of_the_same_level_is_not() -> None:
    assert read(sound.audio, Sides((-80, -30), (-64, -30)))[1].verdict is Verdict.FINE
    assert read(sound.audio, Sides((-64, -30), (-64, -30)))[1].verdict is Verdict.WRONG


def test_where_only_the_agents_side_is_tapped_only_that_is_judged() -> None:
    assert [reading.part for reading in read(sound.audio, SimulatedRig(silent), customer_side=False)] == [
        "agent's side"
    ]


def test_a_card_that_is_not_there_is_told() -> None:
    class Deaf(SimulatedRig):
        def record(self, ms: int) -> Samples:
            raise HardwareError(f"no stereo input for {ms} ms")

    assert found(sound.audio, Deaf(silent)) == [(Verdict.WRONG, "no stereo input for 4000 ms")]


# Names


def test_a_step_is_found_by_its_name_and_another_is_told_with_those_there_are() -> None:
    assert named("leds") is STEPS[0]
    with pytest.raises(Exception, match="no step led; there are leds, oled, buttons"):
        named("led")
