"""Law 9: words are transient. A whole call is replayed in a process whose every open file and socket is recorded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CALL = Path(__file__).parents[1] / "calls" / "04-hold-refused"

SPY = """
import json, os, sys
from pathlib import Path
import vosk  # imports requests, whose urllib3 tries once, at import, whether ::1 can be bound: no data, not counted
from pi_companion.cli import main  # first, so that writing byte code is not counted

touched = []

def spy(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, int):
            return
        writes = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
        if (flags or 0) & writes or any(letter in (mode or "") for letter in "wax+"):
            touched.append(f"{event} {os.fsdecode(path)}")
    elif event in {"socket.connect", "socket.bind", "socket.sendto", "os.rename", "os.mkdir", "subprocess.Popen"}:
        touched.append(f"{event} {arguments!r}")

sys.dont_write_bytecode = True
sys.addaudithook(spy)
sys.argv = ["pi-companion", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
Path(os.environ["SPY_REPORT"]).write_text(json.dumps(touched))
"""


def touched(arguments: list[str], report: Path) -> list[str]:
    subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", SPY, json.dumps(arguments)],
        env={"SPY_REPORT": str(report), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
    )
    # The report itself is the last thing that is opened, after the list was made.
    return [name for name in json.loads(report.read_text()) if str(report) not in name and "/dev/null" not in name]


@pytest.mark.parametrize("arguments", [["replay", str(CALL), "--events", "-"], ["demo", str(CALL), "--fast"]])
def test_a_replay_opens_no_file_for_writing_and_no_socket(arguments: list[str], tmp_path: Path) -> None:
    assert touched(arguments, tmp_path / "report.json") == []


def test_the_spy_sees_what_is_written(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    found = touched(["replay", str(CALL), "--model", "none", "--events", str(events)], tmp_path / "report.json")
    assert found == [f"open {events}"]


def test_recognised_words_are_refused_a_file(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    answer = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-m", "pi_companion", "replay", str(CALL), "--show-text", "--events", str(events)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (answer.returncode, events.exists()) == (2, False)
    assert "never go to a file" in answer.stderr
