"""Call folders: whatever is in their files, one clear message that names the file, or a call that can be replayed."""

from pathlib import Path

from hypothesis import given

from pi_companion import config
from pi_companion.bench.calls import bundled_call
from pi_companion.session import folder as call
from pi_companion.session.replay import Device, replay
from tests.fuzz.budget import budget
from tests.fuzz.mutations import JSON_TOKENS, TOML_TOKENS, changed
from tests.fuzz.oracle import files, read_or_told

BUNDLED = bundled_call("03-hold-with-consent")
CALL = """title = "A call with everything"
began = 2026-11-20T16:42:00+08:00
licence = "CC0-1.0"

[station]
agent_name = "小李"
ring_period_ms = 5000

[limits.pace]
fast_above_per_min = 300

[phone]
mute_lamp = true
key_delay_ms = 60
faults = ["ignores_press@1", "lamp_dead@9000", "self_toggles@5000"]
"""
LINES = """{"at": 1000, "line": "ring", "value": 1}
{"at": 2000, "line": "ring", "value": 0}
{"at": 2500, "line": "hook", "value": 1}
{"at": 3000, "line": "seat_mm", "value": 600}
{"at": 3500, "line": "seat_mm", "value": null}
{"at": 4000, "fault": "tap_lost", "until": 5000}
{"at": 6000, "line": "button", "value": "page"}
{"at": 7000, "line": "phone_mute_key", "value": 1}
{"at": 7100, "line": "busy_lamp", "value": 1}
{"at": 9000, "line": "hook", "value": 0}
"""
SPEECH = """{"side": "agent", "began": 3000, "ended": 5000, "text": "您好", "level_dbfs": -22, "pitch_hz": [180, 240]}
{"side": "customer", "began": 6000, "ended": 8000, "text": "我的工号是三零二五七八"}
{"at": 9000, "tone": "busy"}
"""
TRUTH = (BUNDLED / "expected.jsonl").read_text("utf-8")
DEVICE = Device(site=config.Site(), model=None, loaded=None)


def played(path: Path) -> int:
    """Load a folder and put it through the device: what loads must not fail later."""
    return replay(call.load(path), DEVICE, lambda _event: None)


@budget(40)
@given(changed(CALL, TOML_TOKENS))
def test_a_call_toml(data: bytes) -> None:
    with files(call_toml=data, lines_jsonl=LINES.encode()) as folder:
        read_or_told(lambda: played(folder), folder)


@budget(40)
@given(changed(LINES, JSON_TOKENS))
def test_line_events(data: bytes) -> None:
    with files(call_toml=CALL.encode(), lines_jsonl=data) as folder:
        read_or_told(lambda: call.load(folder), folder)


@budget(15)
@given(changed(LINES, JSON_TOKENS))
def test_line_events_that_are_played(data: bytes) -> None:
    with files(call_toml=CALL.encode(), lines_jsonl=data) as folder:
        read_or_told(lambda: played(folder), folder)


@budget(15)
@given(changed(SPEECH, JSON_TOKENS))
def test_written_speech(data: bytes) -> None:
    with files(call_toml=CALL.encode(), lines_jsonl=LINES.encode(), speech_jsonl=data) as folder:
        read_or_told(lambda: played(folder), folder)


@budget(40)
@given(changed(TRUTH, JSON_TOKENS))
def test_the_truth(data: bytes) -> None:
    with files(call_toml=CALL.encode(), lines_jsonl=LINES.encode(), expected_jsonl=data) as folder:
        read_or_told(lambda: call.load(folder), folder)
