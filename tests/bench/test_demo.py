"""What a person sees of a replay: pictures as text, one line an event, nothing of the terminal's in a pipe."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from pi_companion.adapters.draw import draw
from pi_companion.bench.demo import DemoView, braille, explain
from pi_companion.core.effects import CueShown, MuteChanged, NudgeShown, PressMute, ReleaseMute, SetLeds, ShowScreen
from pi_companion.core.facts import MuteLampChanged, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.states import Light, MuteState, Screen, ScreenName
from pi_companion.session import codec
from pi_companion.session.codec import Event

CARD = Screen(name=ScreenName.CALL_CARD, lines=("1", "00:05", "00:00", "—", "0", "—", "—", "—", "—"))
IDLE = Screen(name=ScreenName.IDLE, lines=("待机", ""))


def picture(*rows: str) -> Image.Image:
    """# is lit."""
    drawn = Image.new("1", (len(rows[0]), len(rows)))
    for y, row in enumerate(rows):
        for x, mark in enumerate(row):
            drawn.putpixel((x, y), mark == "#")
    return drawn


def test_two_by_four_pixels_are_one_character() -> None:
    square = ["##..", "#..#", "#...", "###.", "....", ".#..", "....", "...#"]
    assert braille(picture(*square)) == "⣏⡐\n⠐⢀"


def test_a_dark_panel_is_blank_and_a_lit_one_full() -> None:
    assert braille(Image.new("1", (4, 8))) == "⠀⠀\n⠀⠀"
    assert braille(Image.new("1", (4, 8), 1)) == "⣿⣿\n⣿⣿"


def test_the_oled_is_sixteen_lines_of_sixty_four() -> None:
    assert [len(line) for line in braille(draw(IDLE)).splitlines()] == [64] * 16


SHOWN_BY_THE_PICTURE = {"header", "line_state", "leds", "spurt", "pace", "level", "screen", "heard", "panel"}
EVENTS: dict[str, tuple[Event, str]] = {
    "ring": ({"count": 2}, "ring 2"),
    "answered": ({"rings": 3, "after_ms": 12340}, "answered after 3 ring(s), 12.3 s"),
    "missed": ({"rings": 6}, "missed after 6 rings"),
    "outbound": ({}, "picked up without a ring: an outbound call"),
    "phrase": (
        {"rule": "SAY-WAIT", "side": "agent", "phrase": "等一下", "began": 0, "ended": 600, "score": 0.9},
        "heard SAY-WAIT from the agent: 等一下  (score 0.90, 400 ms)",
    ),
    "noted": (
        {"rule": "FLOW-1", "side": "agent", "phrase": "帮您记录", "began": 0, "ended": 600},
        "noted FLOW-1 from the agent: 帮您记录",
    ),
    "nudge": ({"rule": "SAY-WAIT", "text": "请您稍等"}, "NUDGE SAY-WAIT: 请您稍等"),
    "withheld": ({"rule": "SAY-WAIT", "reason": "budget"}, "no nudge for SAY-WAIT: one new nudge a minute"),
    "cue": ({"rule": "HOLD-3", "text": "抱歉"}, "shown for HOLD-3: 抱歉"),
    "mute_key": ({"action": "press"}, "MUTE contact closes"),
    "mute": ({"state": "muted", "shown": "已静音"}, "mute is muted, shown as 已静音"),
    "hold": ({"state": "ended", "for_ms": 34320}, "hold ended after 34 s"),
    "fault": ({"part": "tap", "detail": "unplugged"}, "FAULT tap: unplugged"),
    "recovered": ({"part": "tap", "detail": ""}, "tap is back"),
    "empty_seat_rang": ({"count": 2}, "it rings at an empty seat, 2 call(s) so far"),
    "cadence": ({"period_ms": 5000}, "this phone rings every 5.0 s"),
    "barge_in": ({"by": "agent", "overlap_ms": 1170}, "the agent talks over the other, 1.2 s"),
    "dead_air": ({"for_ms": 8000}, "nobody has talked for 8 s"),
    "monologue": ({"for_ms": 15000}, "the customer has talked on for 15 s"),
    "posture": ({"state": "slouched"}, "the seat: slouched"),
    "intonation": ({"span_semitones": 3.2, "over_ms": 20000}, "the agent's pitch reaches over 3.2 semitones"),
    "call_card": ({"rings": 3, "taboo": None}, "call card: rings 3, taboo None"),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_reads_as_a_line(kind: str) -> None:
    fields, line = EVENTS[kind]
    assert explain({"at": 1000, "kind": kind, **fields}) == line


def test_every_kind_of_event_has_a_line_or_is_in_the_picture() -> None:
    source = Path(codec.__file__).read_text()
    kinds = set(re.findall(r'return "(\w+)"', source)) | {"header", "heard"}
    assert kinds == EVENTS.keys() | SHOWN_BY_THE_PICTURE
    assert {explain({"at": 0, "kind": kind}) for kind in SHOWN_BY_THE_PICTURE} == {None}


def test_every_reason_for_keeping_quiet_has_words() -> None:
    core = Path(codec.__file__).parents[1] / "core"
    reasons = {
        reason
        for module in core.glob("*.py")
        for reason in re.findall(r'reason="(\w+)"|NudgeWithheld\([^)]*"(\w+)"\)', module.read_text())
        for reason in reason
        if reason
    }
    lines = [explain({"at": 0, "kind": "withheld", "rule": "R", "reason": reason}) for reason in sorted(reasons)]
    assert reasons
    assert all(lines)


def view(*, is_terminal: bool) -> tuple[DemoView, io.StringIO]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=is_terminal, width=120, height=60, color_system=None, _environ={})
    return DemoView(console, "A call"), file


def test_in_a_pipe_there_are_only_lines_each_with_its_time() -> None:
    shown, file = view(is_terminal=False)
    with shown:
        shown.perform(ShowScreen(at=0, screen=IDLE))
        shown.perform(NudgeShown(at=61_200, rule="SAY-WAIT", text="请您稍等"))
        shown.watch(TalkSpurtBegan(at=62_000, side=Side.CUSTOMER, began=61_900))
        heard = Word(text="好的", syllables=("hao", "de"), began=61_900, ended=62_500, confidence_pct=100)
        shown.watch(WordsHeard(at=62_900, side=Side.CUSTOMER, words=(heard,), is_final=True))
        shown.watch(TalkSpurtEnded(at=62_900, side=Side.CUSTOMER, began=61_900, ended=62_500, level_dbfs=-20))

    assert file.getvalue() == "01:01.2  NUDGE SAY-WAIT: 请您稍等\n01:02.9  customer: 好的\n"


def test_the_last_lines_of_a_pipe_are_the_call_card_whatever_came_after_it() -> None:
    shown, _ = view(is_terminal=False)
    shown.perform(ShowScreen(at=0, screen=CARD))
    shown.perform(ShowScreen(at=8000, screen=IDLE))

    assert shown.card_picture() == braille(draw(CARD))


def test_without_a_call_they_are_what_the_oled_shows() -> None:
    shown, _ = view(is_terminal=False)
    shown.perform(ShowScreen(at=0, screen=IDLE))

    assert shown.card_picture() == braille(draw(IDLE))


def test_on_a_terminal_the_desk_shows_picture_lights_key_mute_talk_and_reasons() -> None:
    shown, file = view(is_terminal=True)
    with shown:
        shown.perform(ShowScreen(at=0, screen=CARD))
        shown.perform(SetLeds(at=0, green=Light.ON, amber=Light.OFF, red=Light.BLINK, mute=Light.OFF, lease_until=None))
        shown.perform(PressMute(at=0, pulse_ms=120))
        shown.perform(MuteChanged(at=100, state=MuteState.PRESSING, shown="静音中…"))
        shown.perform(CueShown(at=200, rule="HOLD-1", text="等客户同意…"))
        shown.watch(TalkSpurtBegan(at=300, side=Side.AGENT, began=200))
        desk = file.getvalue()
        shown.perform(ReleaseMute(at=400))
        shown.watch(MuteLampChanged(at=500, is_lit=True))

    last = desk[desk.rindex("A call") :]
    assert [row for row in braille(draw(CARD)).splitlines() if row not in last] == []
    assert [
        text for text in ("pressing", "closed", "shown for HOLD-1: 等客户同意…", "▮▮▮▮▮▮") if text not in last
    ] == []
    assert "lamp ● lit" in file.getvalue()[file.getvalue().rindex("A call") :]
    assert "contact open" in file.getvalue()[file.getvalue().rindex("A call") :]


def test_what_stays_on_a_terminal_is_the_call_card() -> None:
    shown, file = view(is_terminal=True)
    with shown:
        for screen in (CARD, IDLE):
            shown.perform(ShowScreen(at=1000, screen=screen))

    first_row = braille(draw(CARD)).splitlines()[0]
    assert first_row in file.getvalue().split("OLED 128x64")[-1]
