"""Call folders through the whole simulated device: lines only, parts that are lost for a while, audio in any pieces."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pi_companion import config
from pi_companion.bench.player import TAIL_MS, CallPlayer
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect, MuteChanged, ShowScreen
from pi_companion.core.facts import (
    BusyLampChanged,
    Fact,
    MuteLampChanged,
    Part,
    PartFound,
    PartLost,
    SeatMeasured,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    WallClockRead,
)
from pi_companion.core.settings import Station
from pi_companion.core.spurts import SpurtLimits
from pi_companion.core.states import ScreenName
from pi_companion.packs import load_pack
from pi_companion.session.codec import Event
from pi_companion.session.folder import load
from pi_companion.session.replay import Device, replay
from pi_companion.speech.ear import Ear

NO_SPEECH = Device(site=config.Site(), model=None, loaded=None)


class LoudIsVoice:
    """Takes any frame that is not silent for speech."""

    def is_speech(self, frame: bytes) -> bool:
        return any(frame)


@dataclass(slots=True)
class Played:
    """What went in and came out of a session, and how long it was."""

    length_ms: int = 0
    facts: list[Fact] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def parts(self) -> list[tuple[int, str, Part]]:
        return [
            (fact.at, type(fact).__name__, fact.part) for fact in self.facts if isinstance(fact, PartLost | PartFound)
        ]

    def screens(self, since: int, until: int) -> set[ScreenName]:
        """The names of what was on the screen in that time."""
        shown = [(effect.at, effect.screen.name) for effect in self.effects if isinstance(effect, ShowScreen)]
        before = [name for at, name in shown if at <= since][-1:]
        return {*before, *(name for at, name in shown if since < at < until)}


def folder(path: Path, *rows: dict[str, Any]) -> Path:
    """A call folder of these lines, without audio."""
    (path / "call.toml").write_text('title = "Story"\nbegan = 2026-11-20T16:42:00+08:00\n')
    (path / "lines.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def line(at: int, name: str, value: object) -> dict[str, Any]:
    return {"at": at, "line": name, "value": value}


CALL = (line(1000, "ring", 1), line(2000, "ring", 0), line(3000, "hook", 1))


def play(path: Path, chunks: Iterator[bytes] | tuple[bytes, ...] = (), heard: Sequence[Fact] | None = None) -> Played:
    played = Played()
    ears = {side: Ear(side, LoudIsVoice(), None, SpurtLimits()) for side in Side}
    companion = Companion(load_pack(None, names={"agent_name": ""}), Station())
    player = CallPlayer(
        load(path),
        companion,
        ears,
        chunks,
        heard=heard,
        performers=[played.effects.append],
        watchers=[played.facts.append],
    )
    with player:
        played.length_ms = player.play()
    return played


def replayed(path: Path) -> list[Event]:
    events: list[Event] = []
    replay(load(path), NO_SPEECH, events.append)
    return events


def stereo(agent: str, customer: str) -> bytes:
    """One mark is 100 ms; # is voiced."""
    sides = [np.repeat([1000 if mark == "#" else 0 for mark in side], 1600) for side in (agent, customer)]
    return np.stack(sides, axis=1).astype(np.int16).tobytes()


def spurts(played: Played) -> list[tuple[Side, int, int]]:
    return [(fact.side, fact.began, fact.ended) for fact in played.facts if isinstance(fact, TalkSpurtEnded)]


def test_a_folder_without_audio_is_a_whole_call(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, line(9000, "hook", 0))

    events = replayed(path)

    card = next(event for event in events if event["kind"] == "call_card")
    assert (card["rings"], card["opening"], card["talk_ms"]) == (1, None, 6000)
    assert [event["rings"] for event in events if event["kind"] == "answered"] == [1]


def test_the_session_goes_on_after_the_last_line_so_that_what_follows_is_seen(tmp_path: Path) -> None:
    played = play(folder(tmp_path, *CALL, line(9000, "hook", 0)))

    assert played.length_ms == 9000 + TAIL_MS
    assert played.screens(18000, 19000) == {ScreenName.IDLE}


def test_a_folder_where_nothing_happens_is_over_at_once(tmp_path: Path) -> None:
    assert play(folder(tmp_path)).length_ms == 0


def test_a_session_lasts_as_long_as_its_audio(tmp_path: Path) -> None:
    assert play(folder(tmp_path), (stereo("." * 42, "." * 42),)).length_ms == 4200


@pytest.mark.parametrize(
    ("fault", "part"),
    [
        ("tap_lost", Part.TAP),
        ("seat_lost", Part.SEAT),
        ("oled_lost", Part.OLED),
        ("lamp_lost", Part.MUTE_LAMP),
    ],
)
def test_a_part_that_is_lost_for_a_while_is_two_facts_and_two_events(tmp_path: Path, fault: str, part: Part) -> None:
    path = folder(tmp_path, *CALL, {"at": 5000, "fault": fault, "until": 7000}, line(9000, "hook", 0))

    events = [(event["at"], event["kind"]) for event in replayed(path) if event.get("part") == part]

    assert play(path).parts() == [(5000, "PartLost", part), (7000, "PartFound", part)]
    assert events == [(5000, "fault"), (7000, "recovered")]


def test_a_part_that_is_lost_for_good_stays_lost(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, {"at": 5000, "fault": "tap_lost"}, line(9000, "hook", 0))

    played = play(path)

    assert played.parts() == [(5000, "PartLost", Part.TAP)]
    assert played.screens(18000, 19000) == {ScreenName.FAULT}


def test_a_part_that_comes_back_after_the_last_line_is_still_seen_to(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, {"at": 5000, "fault": "tap_lost", "until": 60000})

    played = play(path)

    assert played.parts()[-1] == (60000, "PartFound", Part.TAP)
    assert played.length_ms == 60000 + TAIL_MS


def test_audio_while_the_tap_is_lost_is_not_heard_and_an_open_spurt_ends(tmp_path: Path) -> None:
    path = folder(tmp_path, {"at": 1010, "fault": "tap_lost", "until": 3010})
    audio = stereo("....########..............##########....", "...............####.....................")

    played = play(path, (audio,))

    began = [(fact.side, fact.began) for fact in played.facts if isinstance(fact, TalkSpurtBegan)]
    assert began == [(Side.AGENT, 400), (Side.AGENT, 3000)]
    assert spurts(played) == [(Side.AGENT, 400, 1000), (Side.AGENT, 3000, 3600)]


def measured(path: Path) -> list[tuple[int, int | None]]:
    return [(fact.at, fact.distance_mm) for fact in play(path).facts if isinstance(fact, SeatMeasured)]


def test_a_seat_that_is_lost_measures_nothing_until_it_is_found(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        line(0, "seat_mm", 620),
        {"at": 1000, "fault": "seat_lost", "until": 3000},
        line(2000, "seat_mm", 700),
        line(4000, "seat_mm", None),
    )

    assert [reading for reading in measured(path) if reading[0] <= 5000] == [
        (0, 620),
        (3000, 700),
        (4000, None),
        (5000, None),
    ]


def test_the_clock_on_the_wall_is_that_of_the_folder_also_past_midnight(tmp_path: Path) -> None:
    """20 November 2026 is a Friday; the folder begins at 16:42."""
    midnight = (7 * 60 + 18) * 60000
    path = folder(tmp_path, *CALL, line(9000, "hook", 0), line(midnight, "ring", 1), line(midnight + 1000, "ring", 0))

    read = [fact for fact in play(path).facts if isinstance(fact, WallClockRead)]

    assert read == [
        WallClockRead(at=0, minute_of_day=16 * 60 + 42, occasion="weekend"),
        WallClockRead(at=midnight, minute_of_day=0, occasion="weekend"),
    ]


def test_a_distance_sensor_reports_each_second_to_the_end_of_the_session(tmp_path: Path) -> None:
    path = folder(tmp_path, line(500, "seat_mm", 620), line(1800, "seat_mm", 900))

    assert measured(path) == [(500, 620), (1500, 620), *((at, 900) for at in range(1800, 1800 + TAIL_MS + 1, 1000))]


def test_the_away_lamp_of_the_folder_is_a_fact(tmp_path: Path) -> None:
    path = folder(tmp_path, line(500, "busy_lamp", 1), line(1800, "busy_lamp", 0))

    lamps = [fact for fact in play(path).facts if isinstance(fact, BusyLampChanged)]

    assert lamps[1:] == [BusyLampChanged(at=500, is_lit=True), BusyLampChanged(at=1800, is_lit=False)]


def scripted(path: Path, *rows: dict[str, Any]) -> Path:
    (path / "speech.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_a_scripted_voice_is_heard_in_a_folder_without_audio(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, line(9000, "hook", 0))

    played = play(scripted(path, {"side": "agent", "began": 3600, "ended": 6000, "text": "您好"}))

    assert spurts(played) == [(Side.AGENT, 3600, 6000)]


def test_what_a_script_says_while_the_tap_is_lost_is_not_heard(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, {"at": 5000, "fault": "tap_lost", "until": 7000}, line(9000, "hook", 0))

    played = play(scripted(path, {"side": "agent", "began": 4000, "ended": 8000}))

    assert spurts(played) == [(Side.AGENT, 4000, 5000), (Side.AGENT, 7000, 8000)]
    assert [at for at, kind, _part in played.parts() if kind == "PartLost"] == [5000]


def test_without_a_speech_model_a_scripted_voice_has_no_words(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, line(9000, "hook", 0))
    scripted(path, {"side": "agent", "began": 3600, "ended": 6000, "text": "您好电脑中心小李为您服务"})

    kinds = {event["kind"] for event in replayed(path)}

    assert ("spurt" in kinds, "phrase" in kinds) == (True, False)


def test_what_was_heard_before_can_be_played_again(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, line(9000, "hook", 0))
    first = play(path, (stereo("." * 35 + "#" * 20 + "." * 40, "." * 60 + "#" * 20 + "." * 15),))
    heard = [fact for fact in first.facts if isinstance(fact, TalkSpurtBegan | TalkSpurtEnded)]

    again = play(path, heard=heard)

    assert (again.facts, again.effects) == (first.facts, first.effects)


def test_while_the_lamp_is_lost_mute_is_unknown_and_afterwards_what_the_lamp_says(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        *CALL,
        {"at": 5000, "fault": "lamp_lost", "until": 8000},
        line(6000, "phone_mute_key", 1),
        line(12000, "hook", 0),
    )

    played = play(path)

    mutes = [(effect.at, str(effect.state)) for effect in played.effects if isinstance(effect, MuteChanged)]
    edges = [fact.at for fact in played.facts if isinstance(fact, MuteLampChanged)]
    assert [at for at in edges if 3000 < at < 12000] == [8000, 8000]  # the edge, and the level read again

    # The lamp must be lit for 20 ms to be believed.
    assert [each for each in mutes if 3000 < each[0] < 12000] == [(5000, "unknown"), (8020, "muted")]


def test_what_is_still_said_at_the_end_of_the_audio_is_heard(tmp_path: Path) -> None:
    assert spurts(play(folder(tmp_path), (stereo("....######", ".........."),))) == [(Side.AGENT, 400, 1000)]


def test_the_pieces_in_which_audio_comes_make_no_difference(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, line(9000, "hook", 0))
    audio = stereo("." * 35 + "#" * 20 + "." * 40, "." * 60 + "#" * 20 + "." * 15)

    whole = play(path, (audio,))
    pieces = play(path, (audio[start : start + 777] for start in range(0, len(audio), 777)))

    assert (pieces.facts, pieces.effects) == (whole.facts, whole.effects)
    assert len(spurts(whole)) == 2


def test_facts_come_in_order_of_time(tmp_path: Path) -> None:
    path = folder(tmp_path, *CALL, {"at": 5000, "fault": "tap_lost", "until": 6000}, line(9000, "hook", 0))

    times = [fact.at for fact in play(path, (stereo("#" * 30 + "." * 90, "." * 80 + "#" * 40),)).facts]

    assert times == sorted(times)
