"""The live loop on simulated parts: what an agent, a phone and a journal see of it."""

import gc
import re
import signal
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest

from pi_companion import config
from pi_companion.adapters.draw import draw
from pi_companion.core import notices
from pi_companion.core.attended import Seat
from pi_companion.core.effects import CadenceLearned, PressMute, SetLeds
from pi_companion.core.facts import (
    Button,
    ButtonPressed,
    Fact,
    Part,
    PartFound,
    PartLost,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    WallClockRead,
    Word,
    WordsHeard,
)
from pi_companion.core.settings import Station
from pi_companion.core.states import Light
from pi_companion.errors import PackError
from pi_companion.live.inbox import AUDIO_BLOCKS
from pi_companion.live.service import Live
from pi_companion.speech.phonetics import syllables
from tests.live.live_bench import TEXTS, Bench, journal, lights, shows


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    with bench.opened():
        yield bench


def test_an_edge_of_the_ring_lights_the_green_led(bench: Bench) -> None:
    bench.hears(1000)
    before = lights(bench)
    bench.phone.ring(bench.now, on=True)
    bench.hears(100)

    assert (before, lights(bench)) == ((False,) * 4, (True, False, False, False))


def test_a_card_that_is_gone_is_on_the_screen_and_its_audio_brings_it_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bench.hears(200)
    bench.to_hearing(PartLost(at=bench.now, part=Part.TAP, detail="unplugged"))
    bench.settle()
    is_shown = shows(bench, TEXTS["fault.tap.title"], TEXTS["fault.tap.hint"])
    bench.to_hearing(PartFound(at=bench.now, part=Part.TAP))
    bench.hears(40)

    assert is_shown
    assert not shows(bench, TEXTS["fault.tap.title"], TEXTS["fault.tap.hint"])
    assert [(event["at"], event["kind"]) for event in journal(caplog) if event.get("part") == "tap"] == [
        (200, "fault"),
        (220, "recovered"),
    ]


def test_audio_that_did_not_fit_is_a_fault_where_it_is_missing(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for _ in range(AUDIO_BLOCKS + 50):
        bench.ms += 20
        bench.deliver()
        bench.live.turn(0)
    bench.settle()
    before = [event["kind"] for event in journal(caplog)]
    framed_to = bench.live._hearing._framed_to
    bench.hears(20)

    found = (before, [event["kind"] for event in journal(caplog)])
    assert found == (["harness"], ["harness", "fault", "recovered"])
    assert (framed_to, bench.live._hearing._framed_to) == (10000, 11020)


def test_an_edge_waits_for_no_audio(bench: Bench) -> None:
    bench.hears(100)
    for _ in range(AUDIO_BLOCKS + 1):
        bench.deliver()
    bench.phone.ring(bench.now, on=True)
    bench.ms += 60
    bench.live.turn(0)

    assert (lights(bench)[0], bench.live._inbox.audio_waiting) == (True, AUDIO_BLOCKS)


def test_a_card_whose_clock_is_slow_is_set_right(bench: Bench) -> None:
    bench.hears(100)
    bench.ms += 290
    bench.hears(20)
    behind = bench.now - bench.live._hearing._framed_to
    bench.ms += 20
    bench.hears(20)

    assert (behind, bench.now - bench.live._hearing._framed_to) == (290, 0)


def test_a_pulse_lasts_as_asked_even_if_what_led_to_it_took_long_to_hear(bench: Bench) -> None:
    bench.passes(1000)
    bench.ms += 200
    bench.live._perform(PressMute(at=1000, pulse_ms=120))

    assert (bench.board.is_contact_closed, bench.live._panel.deadline()) == (True, bench.now + 120)


def says(side: Side, began: int, text: str) -> tuple[Fact, ...]:
    ended = began + 200 * len(text)
    said = tuple(
        Word(text=char, syllables=syllables(char), began=began + 200 * index, ended=ended, confidence_pct=100)
        for index, char in enumerate(text)
    )
    return (
        TalkSpurtBegan(at=began + 80, side=side, began=began),
        WordsHeard(at=ended + 400, side=side, words=said, is_final=True),
        TalkSpurtEnded(at=ended + 400, side=side, began=began, ended=ended, level_dbfs=-20),
    )


class LateEar:
    """An ear that takes `lag_ms` to make anything of the frame it gets, and then hears what it is told."""

    is_talking = False

    def __init__(self, bench: Bench, lag_ms: int) -> None:
        self.bench, self.lag_ms = bench, lag_ms
        self.said: tuple[Fact, ...] = ()

    def hear(self, _at: int, _frame: bytes) -> Iterator[Fact]:
        said, self.said = self.said, ()
        if said:
            self.bench.ms += self.lag_ms
            self.bench.board.set_time(self.bench.now)
        yield from said

    def stop(self, _at: int) -> Iterator[Fact]:
        return iter(())


@pytest.mark.parametrize("lag_ms", [0, 100, 250, 800])
def test_the_key_is_pressed_as_long_as_it_must_however_late_the_words_are_understood(bench: Bench, lag_ms: int) -> None:
    closings: list[int] = []
    pulses: list[int] = []
    to_phone = bench.phone.contact

    def contact(at: int, *, closed: bool) -> None:
        if closed:
            closings.append(bench.now)
        elif len(pulses) < len(closings):
            pulses.append(bench.now - closings[-1])
        to_phone(at, closed=closed)

    bench.phone.contact = contact  # type: ignore[method-assign, assignment]  # an ammeter in the wire
    ears = {side: LateEar(bench, lag_ms) for side in Side}
    bench.live._hearing._ears = ears  # what they hear is scripted
    bench.phone.ring(bench.now, on=True)
    bench.hears(200)
    bench.phone.ring(bench.now, on=False)
    bench.phone.hook(bench.now, off_hook=True)
    bench.hears(200)
    for side, text in ((Side.AGENT, "请您稍等不要挂机帮您咨询一下好吗"), (Side.CUSTOMER, "好的")):
        began = bench.now + 100
        bench.hears(200 * len(text) + 500)
        ears[side].said = says(side, began, text)
        bench.hears(20)
    for _ in range(100):
        bench.phone.advance(bench.now)
        bench.hears(20)

    assert (len(pulses), bench.phone.is_muted) == (1, True)
    assert 100 <= pulses[0] <= 300


def test_an_agent_name_that_does_not_fit_the_screen_is_told_at_the_start() -> None:
    site = config.Site(station=Station(agent_name="一位名字特别特别长的同事" * 4))
    parts = Bench().parts

    with pytest.raises(PackError, match="does not fit"):
        Live(site, parts, None)


def test_the_journal_has_rule_ids_and_times_and_not_one_character_of_what_was_said(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    bench.phone.hook(bench.now, off_hook=True)
    bench.hears(100)
    facts = chain(
        says(Side.AGENT, 1000, "您好电脑中心为您服务"),
        says(Side.CUSTOMER, 4000, "我的机器坏了"),
        says(Side.AGENT, 6000, "你等一下"),
    )
    bench.passes(7500, *facts)

    assert {"SAY-WAIT", "FAULT"} <= {event.get("rule") for event in journal(caplog)}
    assert re.findall("[一-鿿]", caplog.text) == []


def ring_thrice(bench: Bench) -> None:
    bench.hears(1000)
    for _ in range(3):
        bench.phone.ring(bench.now, on=True)
        bench.hears(1000)
        bench.phone.ring(bench.now, on=False)
        bench.hears(3500)


def test_the_rhythm_of_this_phone_is_kept_for_the_next_day(tmp_path: Path) -> None:
    path = tmp_path / "state" / "station.toml"
    bench = Bench(station_path=path)
    with bench.opened():
        ring_thrice(bench)

    assert tomllib.loads(path.read_text()) == {"station": {"ring_period_ms": 4500}}


def test_a_rhythm_that_cannot_be_kept_is_told_once_and_disturbs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    bench = Bench(station_path=tmp_path / "file" / "station.toml")
    with bench.opened():
        ring_thrice(bench)
        bench.live._perform(CadenceLearned(at=bench.now, period_ms=6000))
        is_lit = lights(bench)[1]

    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert (is_lit, len(told), "cannot be written" in told[0]) == (True, 1, True)


def test_a_button_of_the_terminal_is_a_button_of_the_device(bench: Bench) -> None:
    pressed: list[Fact] = []
    bench.live._deliver = pressed.append  # type: ignore[method-assign, assignment]  # what would be handed in
    bench.live.press(Button.PAGE)
    bench.passes(100)

    assert pressed == [ButtonPressed(at=0, button=Button.PAGE)]


def test_the_companion_is_told_the_time_at_the_start_and_when_the_clock_is_set(bench: Bench) -> None:
    told: list[Fact] = []
    bench.live._deliver = told.append  # type: ignore[method-assign, assignment]  # what would be handed in
    bench.passes(1000)
    bench.wall += timedelta(days=5)
    bench.passes(1000)
    bench.passes(1000)

    assert [fact for fact in told if isinstance(fact, WallClockRead)] == [
        WallClockRead(at=2000, minute_of_day=16 * 60 + 42, occasion="")
    ]


def test_on_a_friday_the_companion_knows_of_the_weekend_from_the_start() -> None:
    bench = Bench()
    told: list[Fact] = []
    bench.live._deliver = told.append  # type: ignore[method-assign, assignment]  # what would be handed in
    with bench.opened():
        pass

    assert WallClockRead(at=0, minute_of_day=16 * 60 + 42, occasion="weekend") in told


def test_how_an_update_ended_is_shown_however_long_the_model_took_to_load() -> None:
    ended = notices.updated("0.2.0", is_back=False)
    bench = Bench(seat=Seat(result=ended), loading_ms=15_000)
    with bench.opened():
        bench.passes(1000)
        assert bench.oled.picture is not None
        assert bench.oled.picture.tobytes() == draw(ended).tobytes()


def test_it_ends_by_itself_when_what_decides_is_through() -> None:
    bench = Bench()
    turns = chain([False, False], repeat(True))
    bench.live.run(lambda: next(turns))

    assert (bench.is_recording, bench.board.is_contact_closed) == (False, False)


def test_a_signal_ends_it_with_the_contact_open_and_the_lights_dark() -> None:
    bench = Bench()
    seen = []
    before = signal.getsignal(signal.SIGTERM)

    def press_then_stop() -> None:
        bench.live._perform(
            SetLeds(at=0, green=Light.ON, amber=Light.OFF, red=Light.OFF, mute=Light.OFF, lease_until=5000)
        )
        bench.live._perform(PressMute(at=0, pulse_ms=300))
        seen.append((bench.board.is_contact_closed, bench.board.light("green"), bench.is_recording))
        signal.raise_signal(signal.SIGTERM)

    bench.at_opening = press_then_stop
    bench.live.run()

    assert seen == [(True, True, True)]
    assert (bench.board.is_contact_closed, bench.board.light("green"), bench.is_recording) == (False, False, False)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_defect_ends_it_with_the_contact_open_and_is_not_hidden() -> None:
    bench = Bench()
    seen = []

    def press_then_fail() -> None:
        bench.live._perform(PressMute(at=0, pulse_ms=300))
        seen.append(bench.board.is_contact_closed)
        message = "a defect"
        raise RuntimeError(message)

    bench.at_opening = press_then_fail
    with pytest.raises(RuntimeError, match="a defect"):
        bench.live.run()

    assert (seen, bench.board.is_contact_closed) == ([True], False)


def test_what_was_loaded_before_listening_is_not_looked_through_for_garbage() -> None:
    bench = Bench()
    settled: list[int] = []
    turns = iter([False, True])

    def is_over() -> bool:
        settled.append(gc.get_freeze_count())
        return next(turns)

    bench.live.run(is_over)

    assert (settled[0] > 0, gc.get_freeze_count()) == (True, 0)
