"""A desk trial, typed at a terminal of its own: what a person sees without pins, panel or sound card."""

import json
import os
import pty
import select
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image
from rich.console import Console

from pi_companion import config
from pi_companion.adapters.draw import draw
from pi_companion.bench.live_desk import LiveDesk
from pi_companion.bench.trial import DEAF_TITLE, KEYS, OLED_TITLE, TITLE, TrialView
from pi_companion.core import notices, screens
from pi_companion.core.attended import OfferAnswered
from pi_companion.core.effects import RingCounted
from pi_companion.core.harness import CODES, word_of
from pi_companion.core.states import Screen
from pi_companion.errors import UsageError
from pi_companion.site.stations import Record

PATIENCE_S = 120
STATIONS = """\
[station.12]
agent_name = "小李"
extension = "8012"
"""


class Terminal:
    """A program at a terminal: what is typed, and what was printed so far."""

    def __init__(self, words: list[str], environ: dict[str, str]) -> None:
        self.printed = ""
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            os.execve(sys.executable, [sys.executable, "-m", "pi_companion", *words], environ)  # noqa: S606 - our own words

    def shows(self, text: str) -> bool:
        """Wait until a text was printed; False: the program ended, or it took too long."""
        until = time.monotonic() + PATIENCE_S
        while text not in self.printed and time.monotonic() < until:
            if select.select([self._end], [], [], 1)[0]:
                try:
                    self.printed += os.read(self._end, 65536).decode(errors="replace")
                except OSError:
                    break
        return text in self.printed

    def types(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def code(self) -> int:
        self.shows("\0")  # to the end
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder whose name is short enough for the path of a socket."""
    with TemporaryDirectory(prefix="pi-companion-") as home:
        yield Path(home)


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A desk whose sound card is not there."""
    (home / "site.toml").write_text('[audio]\ndevice = "no such card"\n')
    return {
        **os.environ,
        "XDG_RUNTIME_DIR": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "PI_COMPANION_SITE": str(home / "site.toml"),
        "TERM": "xterm",
        "COLUMNS": "150",
        "LINES": "50",
    }


@pytest.fixture
def trial(environ: dict[str, str]) -> Iterator[Terminal]:
    trial = Terminal(["run", "--simulated-board", "--model", "none"], environ)
    yield trial
    trial.types("q")
    trial.code()


def test_a_desk_trial_says_what_it_is_and_a_call_is_made_with_single_keys(
    trial: Terminal, environ: dict[str, str], home: Path
) -> None:
    said = [trial.shows(text) for text in (TITLE[:20], KEYS[:20], "FAULT tap", OLED_TITLE[-20:])]
    called = []
    for key, text in (
        ("r", "ring 1"),
        ("h", "answered after 1 ring(s)"),
        ("m", "mute is muted"),
        ("m", "mute is live"),
    ):
        trial.types(key)
        called.append(trial.shows(text))
    status = Terminal(["status", "--json"], environ)
    code = status.code()
    document = json.loads(status.printed)

    assert (said, called) == ([True] * 4, [True] * 4)
    assert (code, document["is_simulated"], document["line"], document["mute"]) == (0, True, "connected", "live")
    assert sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()) == [
        "pi-companion/trial/lock",
        "site.toml",
    ]


def test_a_second_trial_is_told_that_one_runs_already(trial: Terminal, environ: dict[str, str]) -> None:
    trial.shows("FAULT tap")
    second = Terminal(["run", "--simulated-board", "--model", "none"], environ)

    assert (second.code(), "runs here already" in second.printed) == (5, True)


def is_in(file: Path, screen: Screen) -> bool:
    """Wait until the simulated panel shows a screen."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if file.exists() and Image.open(file).tobytes() == draw(screen).tobytes():
            return True
        time.sleep(0.1)
    return False


def test_a_trial_with_a_harness_is_that_station_and_keeps_what_it_learns_as_that_stations(
    environ: dict[str, str], home: Path
) -> None:
    (home / "stations.toml").write_text(STATIONS)
    trial = Terminal(
        ["run", "--simulated-board", "--deaf", "--harness", "4,8,parity", "--picture", f"{home}/oled.png"], environ
    )
    site = config.load(home / "site.toml")
    station = config.merged_station(site, {"agent_name": "小李", "extension": "8012"})
    idle = screens.idle(config.pack_of(site, station).texts, station)
    is_deaf = trial.shows(DEAF_TITLE[:20])
    is_shown = is_in(home / "oled.png", notices.numbered(idle, "12"))
    trial.types("r")
    has_learned = trial.shows("this phone rings every 5.0 s")
    trial.types("q")

    assert (is_deaf, is_shown, has_learned, trial.code()) == (True, True, True, 0)
    (learned,) = Record(home / "state" / "pi-companion", 12).learned().items()
    assert learned[0] == "ring_period_ms"
    assert abs(learned[1] - 5000) < 300


def test_an_answer_to_an_offer_is_no_event_of_a_call_and_drawing_goes_on() -> None:
    drawn = StringIO()
    view = TrialView(Console(file=drawn, width=150, force_terminal=True))
    with view.drawing():
        view.perform(OfferAnswered(at=0, offer="update", is_accepted=True))
        view.perform(RingCounted(at=10, count=1))

    assert "ring 1" in drawn.getvalue()


def test_every_code_can_be_plugged_into_the_simulated_board_and_no_other_line() -> None:
    desk = LiveDesk()
    desk.strap("")

    with pytest.raises(UsageError, match="no line 3; its lines are 1, 2, 4, 8, 16, parity"):
        desk.strap("1,3")
    assert all(word_of(code) for code in CODES)
