"""The live loop on simulated parts, asked for by name: the real adapters, a tap that says what it is told, a clock."""

import json
import re
import signal
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from PIL import Image

from pi_companion import config
from pi_companion.adapters import cards, tap
from pi_companion.adapters.draw import draw
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core import screens
from pi_companion.core.effects import CadenceLearned, PressMute, SetLeds
from pi_companion.core.facts import (
    Button,
    ButtonPressed,
    Fact,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    WallClockRead,
    Word,
    WordsHeard,
)
from pi_companion.core.settings import Station
from pi_companion.core.states import Light
from pi_companion.errors import HardwareError, PackError
from pi_companion.live.service import QUEUE_BLOCKS, Live, Parts
from pi_companion.packs import load_pack
from pi_companion.pinout import Pinout
from pi_companion.speech.phonetics import syllables

CARD = cards.Card(index=0, name="bench", channels=2)
SILENCE = bytes(1280)  # 20 ms of both sides
TEXTS = load_pack(None, names={"agent_name": ""}).texts


class Wire:
    """A panel on a bus that can be cut."""

    persist = False

    def __init__(self) -> None:
        self.is_cut = False

    def display(self, image: Image.Image) -> None:
        assert image.size == (128, 64)
        if self.is_cut:
            message = "no acknowledge"
            raise OSError(message)

    def contrast(self, level: int) -> None:
        assert 0 <= level <= 255
        if self.is_cut:
            message = "no acknowledge"
            raise OSError(message)

    def cleanup(self) -> None:
        pass


class Bench:
    """A live device that is turned by hand; its clock goes only when told to."""

    def __init__(self, oled: Oled | None = None, station_path: Path | None = None) -> None:
        self.ms = 1000
        self.wall = datetime(2026, 11, 20, 16, 42, tzinfo=timezone(timedelta(hours=8)))
        self.phone = DeskPhone(key_delay_ms=60)
        self.board = Board(Pinout(), self.phone)
        self.oled = oled or open_oled("capture")
        self.is_recording = False
        self.at_opening: Callable[[], None] = lambda: None
        self.parts = Parts(card=CARD, factory=self.board.factory, oled=self.oled, missing=[])
        self.live = Live(
            config.Site(),
            self.parts,
            None,
            station_path=station_path,
            open_tap=self.open_tap,
            monotonic_ns=lambda: self.ms * 1_000_000,
            wall_now=lambda: self.wall,
        )

    def open_tap(self, card: cards.Card, deliver: Callable[[tap.Block], None]) -> "Bench":
        assert card is CARD
        self.deliver = deliver
        return self

    def __enter__(self) -> Self:
        self.is_recording = True
        self.at_opening()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_recording = False

    @property
    def now(self) -> int:
        return self.live._now()

    def settle(self) -> None:
        """Turn until everything that waits is done."""
        while not self.live._inbox.empty():
            self.live.turn()

    def hears(self, ms: int) -> None:
        """Silence from the card for so long, in real time of the bench's clock."""
        for _ in range(ms // 20):
            self.ms += 20
            self.board.set_time(self.now)
            self.deliver(tap.Block(pcm=SILENCE, is_after_loss=False))
            self.settle()

    def passes(self, ms: int, *facts: Fact) -> None:
        """Time without audio."""
        self.ms += ms
        self.board.set_time(self.now)
        for fact in facts:
            self.live._inbox.put(fact)
        self.live.turn()
        self.settle()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    with ExitStack() as stack:
        bench.live._open(stack)
        bench.settle()
        yield bench


def lights(bench: Bench) -> tuple[bool, ...]:
    return (bench.board.light("green"), bench.board.light("amber"), bench.board.light("red"), bench.board.light("mute"))


def journal(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records]


def shows(bench: Bench, title: str, hint: str) -> bool:
    assert bench.oled.picture is not None
    return bench.oled.picture.tobytes() == draw(screens.fault(title, hint)).tobytes()


def test_an_edge_of_the_ring_lights_the_green_led(bench: Bench) -> None:
    bench.hears(1000)
    before = lights(bench)
    bench.phone.ring(bench.now, on=True)
    bench.hears(100)

    assert (before, lights(bench)) == ((False,) * 4, (True, False, False, False))


def test_silence_from_the_card_for_a_second_is_a_lost_part_on_the_screen_and_audio_brings_it_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bench.hears(200)
    bench.passes(1001)
    is_shown = shows(bench, TEXTS["fault.tap.title"], TEXTS["fault.tap.hint"])
    bench.hears(40)

    assert is_shown
    assert not shows(bench, TEXTS["fault.tap.title"], TEXTS["fault.tap.hint"])
    assert [(event["at"], event["kind"]) for event in journal(caplog) if event.get("part") == "tap"] == [
        (1201, "fault"),
        (1201, "recovered"),
    ]


def test_a_second_without_a_turn_is_no_lost_card_if_audio_came_meanwhile(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(75):
        bench.ms += 20
        bench.deliver(tap.Block(pcm=SILENCE, is_after_loss=False))
    bench.live.turn()
    bench.settle()

    assert [event["kind"] for event in journal(caplog)] == []


def test_audio_that_did_not_fit_is_a_fault_where_it_is_missing(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for _ in range(QUEUE_BLOCKS + 50):
        bench.ms += 20
        bench.deliver(tap.Block(pcm=SILENCE, is_after_loss=False))
    bench.settle()
    before = [event["kind"] for event in journal(caplog)]
    framed_to = bench.live._framed_to
    bench.hears(20)

    assert (before, [event["kind"] for event in journal(caplog)]) == ([], ["fault", "recovered"])
    assert (framed_to, bench.live._framed_to) == (10000, 11020)


def test_facts_get_in_however_much_audio_waits(bench: Bench) -> None:
    bench.hears(100)
    for _ in range(QUEUE_BLOCKS + 1):
        bench.deliver(tap.Block(pcm=SILENCE, is_after_loss=False))
    bench.phone.ring(bench.now, on=True)
    bench.passes(2100)
    bench.hears(60)

    assert lights(bench)[0]


def test_a_card_whose_clock_is_slow_is_set_right(bench: Bench) -> None:
    bench.hears(100)
    bench.ms += 290
    bench.hears(20)
    behind = bench.now - bench.live._framed_to
    bench.ms += 20
    bench.hears(20)

    assert (behind, bench.now - bench.live._framed_to) == (290, 0)


def test_a_pulse_lasts_as_asked_even_if_what_led_to_it_took_long_to_hear(bench: Bench) -> None:
    bench.passes(1000)
    bench.ms += 200
    bench.live._perform(PressMute(at=1000, pulse_ms=120))

    assert (bench.board.is_contact_closed, bench.live._panel.deadline()) == (True, bench.now + 120)


def test_a_panel_that_stops_answering_is_a_lost_part_and_the_rest_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    wire = Wire()
    bench = Bench(Oled(wire))
    with ExitStack() as stack:
        bench.live._open(stack)
        bench.settle()
        wire.is_cut = True
        bench.hears(100)
        bench.phone.ring(bench.now, on=True)
        bench.hears(3000)
        is_lit = lights(bench)[0]
        wire.is_cut = False
        bench.hears(2100)

    lost = [(event["kind"], event["detail"]) for event in journal(caplog) if event.get("part") == "oled"]
    assert is_lit
    assert lost == [
        ("fault", "OLED: stopped answering (no acknowledge): check its four wires"),
        ("recovered", ""),
    ]


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
    bench.live._ears = ears  # type: ignore[assignment]  # what they hear is scripted
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
    with ExitStack() as stack:
        bench.live._open(stack)
        ring_thrice(bench)

    assert tomllib.loads(path.read_text()) == {"station": {"ring_period_ms": 4500}}


def test_a_rhythm_that_cannot_be_kept_is_told_once_and_disturbs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    bench = Bench(station_path=tmp_path / "file" / "station.toml")
    with ExitStack() as stack:
        bench.live._open(stack)
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
    with ExitStack() as stack:
        bench.live._open(stack)

    assert WallClockRead(at=0, minute_of_day=16 * 60 + 42, occasion="weekend") in told


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


def test_what_is_missing_is_said_all_at_once_and_nothing_is_faked() -> None:
    parts = Parts(card=None, factory=None, oled=None, missing=["no sound card", "no pins", "no panel"])

    with pytest.raises(HardwareError) as error:
        Live(config.Site(), parts, None)

    assert str(error.value) == "no sound card\nno pins\nno panel"
