"""What leaves a desk: numbers, states and rule ids of the lists; no word of a call can get into a report (law 9)."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.fleet import discovery
from pi_companion.fleet.report import EVENTS, NUMBERS, RULES, STATES, report, rules_of
from pi_companion.packs import BUNDLED
from tests.live.live_bench import Bench
from tests.repo.coverage import ROWS

KNOWN = rules_of(BUNDLED)

DOCUMENT: dict[str, Any] = {
    "uptime_s": 71,
    "line": "on_hook",
    "mute": "live",
    "lost": {"oled": "2026-11-30T10:00:00+08:00"},
    "harness": {"state": "read", "code": 12, "told": "station code 12"},
    "waiting": {"facts": 0, "audio": 2, "facts_dropped": 0, "audio_dropped": 1},
    "turn_ms": {"last": 0.4, "longest": 21.5},
    "drift_ms": -3,
    "nudges": {"RING-2": 3, "SAY-WAIT": 2},
    "withheld": {"SAY-WAIT budget": 4},
    "events": {"answered": 5, "screen": 100},
    "cards": ["USB Audio of 小李"],
    "model": "companion-zh",
}


def test_a_report_is_health_and_counts() -> None:
    assert report(DOCUMENT, KNOWN, "0.1.0") == {
        "version": "0.1.0", "uptime_s": 71, "facts_waiting": 0, "audio_waiting": 2, "facts_dropped": 0,
        "audio_dropped": 1, "longest_turn_ms": 22, "drift_ms": -3, "line": "on_hook", "mute": "live", "harness": "read",
        "station_code": 12, "lost_tap": 0, "lost_seat": 0, "lost_oled": 1, "lost_lamp": 0, "lost_speech": 0,
        "lost_sides": 0, "events_answered": 5, "events_missed": 0, "events_outbound": 0, "events_fault": 0,
        "events_recovered": 0, "events_call_card": 0, "nudges": 5, "withheld": 4, "nudges_RING-2": 3,
        "nudges_SAY-WAIT": 2,
    }  # fmt: skip


def test_what_the_running_device_says_is_what_a_report_is_made_of() -> None:
    bench = Bench()
    with bench.opened():
        bench.hears(1000)
        found = report(bench.live.document(), KNOWN, "0.1.0")

    assert {*NUMBERS, *STATES} - found.keys() == set()


# Words of a call, as text and as the sounds that are written for them; they pass for keys, values and rule ids.
words = st.sampled_from(["您听我说", "nin ting wo shuo", "NI-HAO", "我的密码是1234", "SAY", "小李", "ANGRY-王"])
leaves = st.one_of(words, st.integers(), st.floats(), st.booleans(), st.none())
trees = st.recursive(
    leaves,
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(words, below, max_size=3)),
    max_leaves=8,
)
documents = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(
            trees,
            st.dictionaries(st.one_of(words, st.sampled_from(["state", "code", "facts", "longest", *KNOWN])), leaves),
        )
        for name in DOCUMENT
    },
)


@given(documents, words)
def test_no_word_of_a_call_gets_into_a_report(document: dict[str, Any], version: str) -> None:
    sent = report(document, KNOWN, version)
    names = {
        "version", "station_code", "nudges", "withheld", *NUMBERS, *STATES, *(f"events_{event}" for event in EVENTS),
        *(f"nudges_{rule}" for rule in KNOWN),
    }  # fmt: skip
    texts = {name: value for name, value in sent.items() if isinstance(value, str)}
    allowed = {state for _, states in STATES.values() for state in states}

    assert {name for name in sent if not name.startswith("lost_")} - names == set()
    assert {value for name, value in texts.items() if name != "version"} <= allowed
    assert texts["version"] == "unknown" or re.fullmatch(r"[\w.+-]+", texts["version"], re.ASCII)
    assert json.dumps(sent, ensure_ascii=False).isascii()


@pytest.mark.parametrize("rule", ["NI-HAO", "您好", "", "A-B"])
def test_a_rule_that_no_pack_has_is_not_counted(rule: str) -> None:
    assert not [name for name in report({"nudges": {rule: 3}}, KNOWN, "") if name.startswith("nudges_")]


def test_the_rows_of_the_manual_that_the_program_decides_are_known() -> None:
    assert ROWS.keys() - KNOWN == set()
    assert RULES <= KNOWN


def test_every_figure_of_a_discovery_document_is_in_a_report() -> None:
    sent = report(DOCUMENT, KNOWN, "0.1.0")
    found = {topic: json.loads(content) for topic, content in discovery.documents("x", "u1", "0.1.0").items()}

    figures = {re.fullmatch(r"{{ value_json\.(\w+) }}", each["value_template"])[1] for each in found.values()}  # type: ignore[index]  # each of them matches
    assert figures <= sent.keys()
    assert {(each["state_topic"], each["availability_topic"]) for each in found.values()} == {
        ("x/u1/state", "x/u1/availability")
    }
    assert len({each["unique_id"] for each in found.values()}) == len(found)


@pytest.mark.parametrize("path", [*NUMBERS.values(), *(path for path, _ in STATES.values()), ("harness", "code")])
def test_a_word_in_the_place_of_a_number_or_a_state_is_left_out(path: tuple[str, ...]) -> None:
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    below = document
    for step in path[:-1]:
        below = below[step]
    below[path[-1]] = "nin ting wo shuo"

    assert "nin ting wo shuo" not in report(document, KNOWN, "0.1.0").values()
