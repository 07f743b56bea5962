"""What is written down, and who waits for it: nobody."""

import io
import logging
import sys
import threading

import pytest

from pi_companion.live import journal


def test_what_could_be_read_aloud_is_left_out() -> None:
    event = {
        "at": 7,
        "kind": "nudge",
        "rule": "SAY-WAIT",
        "text": "one",
        "phrase": "two",
        "shown": "three",
        "detail": "没有",
        "well": ["RING-1", "好"],
        "count": 3,
        "wish": None,
    }

    assert journal.wordless(event) == {
        "at": 7,
        "kind": "nudge",
        "rule": "SAY-WAIT",
        "well": ["RING-1"],
        "count": 3,
    }


def test_lines_are_plain_and_all_written_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    with journal.written():
        for number in range(3):
            logging.getLogger("pi_companion").info("%s", f'{{"at":{number}}}')

    assert out.getvalue() == '{"at":0}\n{"at":1}\n{"at":2}\n'


class Unread(io.StringIO):
    """Standard error whose reader has stopped reading."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()

    def write(self, text: str) -> int:
        self.may_go_on.wait(60)
        return super().write(text)


def test_a_journal_that_nobody_reads_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    unread = Unread()
    monkeypatch.setattr(sys, "stderr", unread)
    with journal.written() as written:
        for number in range(1500):
            logging.getLogger("pi_companion").info("%s", number)
    unread.may_go_on.set()

    assert written.dropped >= 499  # 1000 wait, one is being written
