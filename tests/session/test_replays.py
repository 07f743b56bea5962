"""Whole calls through the whole device: real audio, webrtcvad and Vosk, on the simulated phone and board.

Golden streams stand in tests/calls/golden. After a change that is meant, look at the difference, then write one anew:
`pi-companion replay FOLDER --events tests/calls/golden/NAME.jsonl`.
"""

import json
import random
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pi_companion import config
from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.bench.calls import bundled_calls
from pi_companion.bench.player import CallPlayer
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect, SetLeds, ShowScreen
from pi_companion.core.facts import Side
from pi_companion.core.settings import Station
from pi_companion.core.spurts import SpurtLimits
from pi_companion.core.states import Light, ScreenName
from pi_companion.packs import load_pack
from pi_companion.session.codec import Event, line
from pi_companion.session.folder import CallFolder, load, read_audio
from pi_companion.session.replay import Device, real_time, replay
from pi_companion.session.score import Score, combine, score
from pi_companion.speech import grammar, models, vosk_recogniser
from pi_companion.speech.ear import Ear

CALLS = Path(__file__).parents[1] / "calls"
GOLDEN = CALLS / "golden"
ACTUAL = Path(__file__).parents[1] / "actual"
FOLDERS = {path.name[:2]: path for path in (*bundled_calls(), *sorted(CALLS.glob("[0-9]*")))}


@cache
def device() -> Device:
    model = models.resolve("companion-zh", None)
    return Device(site=config.Site(), model=model, loaded=vosk_recogniser.load(model.path))


@cache
def folder(call: str) -> CallFolder:
    return load(FOLDERS[call])


def stream(call: str, **options: Any) -> list[Event]:  # noqa: ANN401 - passed on to replay
    events: list[Event] = []
    replay(folder(call), device(), events.append, **options)
    return events


@cache
def events(call: str) -> tuple[Event, ...]:
    return tuple(stream(call))


def of(call: str, kind: str) -> list[Event]:
    return [event for event in events(call) if event["kind"] == kind]


def text(lines: Iterable[Event]) -> str:
    return "".join(f"{line(event)}\n" for event in lines)


@pytest.mark.parametrize("call", sorted(FOLDERS))
def test_a_call_gives_its_golden_stream(call: str) -> None:
    name = f"{FOLDERS[call].name}.jsonl"
    actual = text(events(call))
    golden = (GOLDEN / name).read_text(encoding="utf-8")
    if actual != golden:
        ACTUAL.mkdir(exist_ok=True)
        (ACTUAL / name).write_text(actual, encoding="utf-8")
        pytest.fail(f"diff {GOLDEN / name} {ACTUAL / name}; if meant, write it anew as this module says")


def test_rings_are_counted_exactly_in_every_call() -> None:
    assert {call: [event["count"] for event in of(call, "ring")] for call in FOLDERS} == {
        call: [truth["count"] for truth in folder(call).truth or () if truth["kind"] == "ring"] for call in FOLDERS
    }


def test_a_clean_call_is_not_nudged() -> None:
    assert of("01", "nudge") == []
    (card,) = of("01", "call_card")
    assert (card["opening"], card["closing"], card["taboo"], card["apology_due"]) == (True, True, 0, False)


def test_a_late_answer_asks_for_an_apology_and_notes_that_it_was_missing() -> None:
    assert [(cue["rule"], cue["text"]) for cue in of("02", "cue")] == [
        ("RING-2", "先致歉：抱歉让您久等了"),
        ("CLOSE-3", "下次等客户先挂机"),
    ]
    (card,) = of("02", "call_card")
    assert (card["rings"], card["apology_given"], card["opening"], card["closing"]) == (5, False, False, False)


def presses(call: str) -> list[int]:
    return [event["at"] for event in of(call, "mute_key") if event["action"] == "press"]


def mutes(call: str, since: int = 1) -> list[str]:
    return [event["state"] for event in of(call, "mute") if event["at"] >= since]


def test_consent_presses_once_and_the_resume_button_once_more() -> None:
    consented, began, ended = (
        next(event["at"] for event in of("03", "hold") if event["state"] == state)
        for state in ("consented", "began", "ended")
    )
    assert presses("03") == [consented, ended]
    assert consented < began < ended == 42716
    assert mutes("03") == ["pressing", "muted", "pressing", "live"]
    assert [cue["text"] for cue in of("03", "cue") if cue["rule"] == "HOLD-3"] == [
        "抱歉，让您久等了",
        "致歉到位，等候很短",
    ]
    assert of("03", "call_card")[0]["hold_apology_given"] is True


def test_a_refusal_presses_nothing() -> None:
    assert presses("04") == []
    assert [event["state"] for event in of("04", "hold")] == ["requested", "refused"]
    assert [event["rule"] for event in of("04", "nudge")] == ["PROMISE"]


def test_a_silent_call_nudges_nothing() -> None:
    assert of("05", "nudge") == []
    assert of("05", "withheld") == []


def test_an_ignored_press_is_retried_once_and_then_confirmed() -> None:
    first, second, resumed = presses("06")
    muted_at = next(event["at"] for event in of("06", "mute") if event["state"] == "muted")
    assert second - first == 600
    assert muted_at - second == 80
    assert resumed > muted_at
    assert mutes("06") == ["pressing", "muted", "pressing", "live"]


def test_a_missed_call_is_missed_with_six() -> None:
    assert [event["rings"] for event in of("07", "missed")] == [6]
    assert of("07", "leds")[-1] == {**of("07", "leds")[-1], "green": "off", "amber": "off", "red": "off"}


@cache
def total() -> Score:
    return combine([score(events(call), folder(call).truth or ()) for call in FOLDERS])


def test_nothing_is_heard_that_was_not_said() -> None:
    assert [row for row in total().rows if row.false_alarms] == []


def test_what_is_missed_is_known() -> None:
    missed = {(row.kind, row.name): row.misses for row in total().rows if row.misses}
    # 我就这样的态度 is recognised as 我就了态度.
    assert missed == {("phrase", "TABOO-ARROGANT"): 1}


def test_every_press_has_its_consent_and_nothing_is_falsely_shown() -> None:
    mute = total().mute
    assert (mute.presses_without_consent, mute.falsely_shown_ms, mute.holds_not_muted) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_however_the_audio_is_cut_the_stream_is_the_same(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - test data
    audio = read_audio(folder("04"))

    def chunks() -> Iterator[bytes]:
        start = 0
        while start < len(audio):
            end = start + chance.choice((1, 7, 640, 1281, 4096, 100_001))
            yield audio[start:end]
            start = end

    assert text(stream("04", chunks=chunks())) == text(events("04"))


def test_at_real_pace_the_stream_is_the_same_and_takes_as_long_as_the_call() -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    paced = stream("04", wait=real_time(now=lambda: clock[0], sleep=sleep))
    assert text(paced) == text(events("04"))
    assert clock[0] == pytest.approx(events("04")[-1]["at"] / 1000, abs=0.1)


def test_recognised_words_are_only_in_the_stream_when_asked_for() -> None:
    assert not any(event["kind"] == "heard" for event in events("04"))
    heard = [event for event in stream("04", is_text_shown=True) if event["kind"] == "heard" and event["final"]]
    assert heard[0]["text"] == "您好电脑中心小李为您服务"


def test_without_a_model_rings_lights_and_timers_work_and_the_screen_says_speech_is_off() -> None:
    found: list[Event] = []
    replay(folder("02"), Device(site=config.Site(), model=None, loaded=None), found.append)
    screens = [event["name"] for event in found if event["kind"] == "screen"]
    assert [event["count"] for event in found if event["kind"] == "ring"] == [1, 2, 3, 4, 5]
    assert (screens[0], "in_call" in screens, found[0]["model"]) == ("speech_off", True, None)
    assert not any(event["kind"] in {"phrase", "pace"} for event in found)
    assert [event for event in found if event["kind"] == "level"]


@pytest.mark.parametrize("call", ["03", "06"])
def test_muted_is_on_screen_and_led_only_while_the_phones_lamp_is_lit(call: str) -> None:
    """Judged by the simulated phone's own lamp, not by what the device believes."""
    wrong: list[tuple[int, str]] = []
    seen: set[str] = set()

    def judge(effect: Effect) -> None:
        shown = {
            "screen": isinstance(effect, ShowScreen) and effect.screen.name is ScreenName.MUTED,
            "led": isinstance(effect, SetLeds) and effect.mute is Light.ON,
        }
        for what, is_shown in shown.items():
            if is_shown:
                seen.add(what)
                if not player.phone.is_lamp_lit:
                    wrong.append((effect.at, what))

    station = Station(agent_name="小李")
    pack = load_pack(None, names={"agent_name": station.agent_name})
    path = models.bundled().path or Path()
    ears = {
        side: Ear(side, WebRtcVoice(), grammar.recogniser(device().loaded, path, pack, side), SpurtLimits())
        for side in Side
    }
    companion = Companion(pack, station)
    player = CallPlayer(folder(call), companion, ears, [read_audio(folder(call))], performers=[judge])
    with player:
        player.play()
    assert (wrong, seen) == ([], {"screen", "led"})


def test_golden_streams_hold_no_recognised_words() -> None:
    kinds = {json.loads(row)["kind"] for path in GOLDEN.glob("*.jsonl") for row in path.read_text().splitlines()}
    assert "heard" not in kinds
