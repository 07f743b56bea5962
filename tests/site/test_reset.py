"""Both buttons for ten seconds at the start: counted down, asked of root, wiped whole, ended where it was cut."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.adapters.draw import draw
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core import notices
from pi_companion.core.facts import Button
from pi_companion.core.reset import BUTTONS, HOLD_MS, Reset, Wish
from pi_companion.errors import HardwareError
from pi_companion.live import resetting
from pi_companion.pinout import Pinout
from pi_companion.site.wiping import MARK, is_begun, wipe

PINOUT = Pinout()


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans()), min_size=1, max_size=20))
def test_only_two_buttons_that_stay_down_for_all_of_it_say_yes(looks: list[tuple[int, bool]]) -> None:
    reset, at, since, wishes = Reset(), 0, None, []
    for after, are_down in looks:
        at += after
        since = (at if since is None else since) if are_down else -1
        wishes.append(reset.look(at, are_down=are_down))
        if since == -1:
            break

    if looks[len(wishes) - 1][1] is False:
        assert wishes[-1] is (Wish.YES if Wish.YES in wishes else Wish.NO)
    else:
        first = looks[0][0]
        assert (wishes[-1] is Wish.YES) == (at - first >= HOLD_MS)


def test_once_let_go_it_is_no_for_good() -> None:
    reset = Reset()
    wishes = [reset.look(at, are_down=down) for at, down in ((0, True), (9900, False), (9950, True), (30_000, True))]

    assert wishes == [Wish.MAYBE, Wish.NO, Wish.NO, Wish.NO]


class Desk:
    """A simulated board whose buttons are held, and a panel; `let_go_at`: seconds from the start."""

    def __init__(self, held: tuple[Button, ...], let_go_at: float = 99) -> None:
        self.board, self.oled = Board(PINOUT, DeskPhone()), open_oled("capture")
        self.board.factory.close = lambda: None
        self.held, self.let_go_at, self.passed = held, let_go_at, 0.0
        self.shown: list[bytes] = []
        for button in held:
            self.board._drive(PINOUT.button(button), is_active=True)

    def open_panel(self) -> Oled:
        return self.oled

    def wait(self, seconds: float) -> None:
        assert self.oled.picture is not None
        picture = self.oled.picture.tobytes()
        if picture not in self.shown:
            self.shown.append(picture)
        self.passed += seconds
        if self.passed >= self.let_go_at:
            self.board._drive(PINOUT.button(self.held[0]), is_active=False)

    def is_wanted(self) -> bool:
        return resetting.is_wanted(lambda: self.board.factory, self.open_panel, self.wait)


def test_held_for_ten_seconds_it_counts_down_and_is_wanted() -> None:
    desk = Desk(BUTTONS)

    assert (desk.is_wanted(), round(desk.passed)) == (True, 10)
    assert desk.shown == [draw(notices.resetting(left)).tobytes() for left in range(10, 0, -1)]


@pytest.mark.parametrize("held", [(), (Button.RESUME,), (Button.SNOOZE,), (Button.RESUME, Button.PAGE)])
def test_anything_else_costs_no_time(held: tuple[Button, ...]) -> None:
    desk = Desk(held)

    assert (desk.is_wanted(), desk.passed, desk.shown) == (False, 0.0, [])


def test_let_go_early_nothing_is_wanted() -> None:
    desk = Desk(BUTTONS, let_go_at=9.5)

    assert (desk.is_wanted(), desk.passed < 10) == (False, True)


def test_without_pins_nothing_is_wanted() -> None:
    def none() -> None:
        raise HardwareError("no chip")

    assert resetting.is_wanted(none, none, lambda _s: None) is False  # type: ignore[arg-type]  # there are none


def test_the_request_is_left_where_systemd_looks_for_it(tmp_path: Path) -> None:
    unit = (Path(__file__).parents[2] / "systemd" / "pi-companion-reset.path").read_text()

    assert resetting.ask({"RUNTIME_DIRECTORY": str(tmp_path)})
    assert (tmp_path / resetting.REQUEST).exists()
    assert f"PathExists=%t/pi-companion/{resetting.REQUEST}\n" in unit
    assert resetting.ask({}) is False


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    data, state = tmp_path / "site", tmp_path / "state"
    for path in ("key", "current/site.toml", "pending/wifi_password", "taken.1/stations/12.sealed"):
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        (data / path).write_text("x")
    for path in ("key", "stations/12.sealed", "station.toml"):
        (state / path).parent.mkdir(parents=True, exist_ok=True)
        (state / path).write_text("x")
    return data, state


def everything(folders: tuple[Path, Path]) -> list[str]:
    return sorted(path.name for folder in folders for path in folder.rglob("*"))


def test_everything_is_deleted_the_keys_first(folders: tuple[Path, Path]) -> None:
    steps: list[str] = []
    wipe(folders[0], [folders[1]], steps.append)

    assert (steps[:3], everything(folders)) == (["marked", "key of site", "key of state"], [])


@pytest.mark.parametrize("cut_after", range(1, 9))
def test_cut_short_it_is_known_and_ended_at_the_next_start(folders: tuple[Path, Path], cut_after: int) -> None:
    steps: list[str] = []

    class PowerCut(Exception):
        pass

    def step(done: str) -> None:
        steps.append(done)
        if len(steps) == cut_after:
            raise PowerCut

    with pytest.raises(PowerCut):
        wipe(folders[0], [folders[1]], step)
    was_begun = is_begun(folders[0])
    wipe(folders[0], [folders[1]])

    assert (was_begun, everything(folders), is_begun(folders[0]), MARK) == (True, [], False, ".wiping")
