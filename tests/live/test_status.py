"""What `pi-companion status` is told, by whom, and what a caller can do to the device: nothing."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_companion.core.effects import FaultCleared, FaultRaised, NudgeShown, NudgeWithheld
from pi_companion.core.facts import Part
from pi_companion.errors import HardwareError
from pi_companion.live import status
from tests.live.live_bench import Bench


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in: the path of a socket is short."""
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    with bench.opened():
        yield bench


def test_whoever_asks_gets_one_document(place: Path) -> None:
    with status.answering(place / status.SOCKET, lambda: {"line": "ringing"}):
        found = [status.ask([place / "nowhere", place]) for _ in range(3)]

    assert found == [{"line": "ringing"}] * 3


def test_only_root_and_the_group_may_ask(place: Path) -> None:
    with status.answering(place / status.SOCKET, dict):
        mode = (place / status.SOCKET).stat().st_mode

    assert (mode & 0o777, (place / status.SOCKET).exists()) == (0o660, False)


def test_a_socket_that_was_left_behind_is_in_nobodys_way(place: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(status.SOCKET)
    left.close()
    with status.answering(place / status.SOCKET, lambda: {"line": "on_hook"}):
        assert status.ask([place]) == {"line": "on_hook"}


def test_a_caller_that_does_not_read_keeps_the_next_one_waiting_a_second_and_no_thread_but_its_own(place: Path) -> None:
    much = {"much": "x" * 10_000_000}  # more than the kernel keeps for a caller
    documents = iter([much, {"line": "on_hook"}])
    with (
        status.answering(place / status.SOCKET, lambda: next(documents)),
        socket.socket(socket.AF_UNIX) as rude,
    ):
        rude.connect(status.SOCKET)
        found = status.ask([place])

    assert found == {"line": "on_hook"}


def test_when_nothing_runs_it_says_where_it_looked_and_how_to_start(place: Path) -> None:
    with pytest.raises(HardwareError, match=r"no pi-companion runs here \(no answer at .*sudo systemctl start"):
        status.ask([place / "one", place])


def test_an_answer_that_is_none_is_one_clear_error(place: Path) -> None:
    with (
        status.answering(place / status.SOCKET, lambda: "nonsense"),  # type: ignore[arg-type, return-value]  # that is the story
        pytest.raises(HardwareError, match=r"does not answer \(not a status document"),
    ):
        status.ask([place])


def test_it_counts_by_rule_id_and_tells_since_when_a_part_is_lost(bench: Bench) -> None:
    bench.hears(1000)
    for effect in (
        NudgeShown(at=1000, rule="SAY-WAIT", text="请您稍等"),
        NudgeShown(at=1000, rule="SAY-WAIT", text="请您稍等"),
        NudgeWithheld(at=1000, rule="FAULT", reason="budget"),
        FaultRaised(at=400, part=Part.TAP, detail="unplugged"),
        FaultRaised(at=500, part=Part.OLED, detail=""),
        FaultCleared(at=600, part=Part.OLED, detail=""),
    ):
        bench.live._journal.perform(effect)
    document = bench.live.document()

    chosen = {name: document[name] for name in ("nudges", "withheld", "line", "mute", "uptime_s", "is_simulated")}
    assert chosen == {
        "nudges": {"SAY-WAIT": 2},
        "withheld": {"FAULT budget": 1},
        "line": "on_hook",
        "mute": "live",
        "uptime_s": 1,
        "is_simulated": True,
    }
    assert document["lost"]["tap"] == "2026-11-20T16:41:59+08:00"
    assert "oled" not in document["lost"]


def test_it_has_not_one_character_of_a_text(bench: Bench) -> None:
    bench.phone.hook(bench.now, off_hook=True)
    bench.hears(300)
    bench.live._journal.perform(NudgeShown(at=1000, rule="SAY-WAIT", text="请您稍等"))
    told = json.dumps(bench.live.document(), ensure_ascii=False)

    assert re.findall("[一-鿿]", told) == []


def test_people_get_rows(bench: Bench) -> None:
    rows = dict(status.told(json.loads(json.dumps(bench.live.document()))))

    assert (rows["line"], rows["mute"], rows["lost parts"], rows["nudges"]) == (
        "on_hook",
        "live",
        "speech since 2026-11-20T16:42:00+08:00",
        "none",
    )
