"""The panel has a thread of its own: nobody waits for it, it is looked for when it is gone, and let go in time."""

from collections.abc import Iterator
from contextlib import ExitStack
from queue import SimpleQueue
from threading import Event

import pytest
from PIL import Image

from pi_companion.adapters.draw import draw
from pi_companion.adapters.gallery import SAMPLES
from pi_companion.adapters.oled import Oled
from pi_companion.core.facts import Part, PartFound, PartLost
from pi_companion.core.states import Screen, ScreenName
from pi_companion.errors import HardwareError
from pi_companion.live.screen_thread import HUNG_MS, ScreenThread

LONG_S = 30
"""What is waited for comes at once; a machine that is busy with something else may take its time."""


class Chip:
    """A panel on a bus that can be cut, or stuck: then a call to it does not come back until `free` is set."""

    def __init__(self) -> None:
        self.persist = False
        self.is_cut = False
        self.free = Event()
        self.free.set()
        self.is_stuck = Event()
        self.shown: list[bytes] = []
        self.levels: list[int] = []
        self.opened = 0
        self.closed: list[bool] = []

    def open(self) -> Oled:
        self._answer()
        self.opened += 1
        return Oled(self)

    def display(self, image: Image.Image) -> None:
        self._answer()
        self.shown.append(image.tobytes())

    def contrast(self, level: int) -> None:
        self._answer()
        self.levels.append(level)

    def cleanup(self) -> None:
        self.closed.append(self.persist)

    def _answer(self) -> None:
        if not self.free.is_set():
            self.is_stuck.set()
            assert self.free.wait(LONG_S)
        if self.is_cut:
            message = "no acknowledge"
            raise OSError(message)


class Desk:
    """A panel, its thread, and what the thread reports."""

    def __init__(self, *, is_cut: bool = False, probe_ms: int = 1) -> None:
        self.chip = Chip()
        self.chip.is_cut = is_cut
        self.now = 1000
        self.reports: SimpleQueue[PartLost | PartFound] = SimpleQueue()
        self.thread = ScreenThread(self.open_panel, self.reports.put, lambda: self.now, retry_ms=1, probe_ms=probe_ms)

    def open_panel(self) -> Oled:
        try:
            return self.chip.open()
        except OSError as error:
            message = f"OLED: nothing answers ({error})"
            raise HardwareError(message) from error

    def show(self, *names: str) -> None:
        for name in names:
            self.thread.show(SAMPLES[name])
        assert self.thread.settle(LONG_S * 1000)

    def reported(self) -> PartLost | PartFound:
        return self.reports.get(timeout=LONG_S)

    def stick(self) -> None:
        """Have the next call hang, and wait until one does."""
        self.chip.free.clear()
        assert self.chip.is_stuck.wait(LONG_S)

    def close(self) -> None:
        self.chip.free.set()
        self.thread.close()
        self.thread._thread.join(LONG_S)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with ExitStack() as stack:
        desk = Desk()
        stack.callback(desk.close)
        yield desk


def drawn(*names: str) -> list[bytes]:
    return [draw(SAMPLES[name]).tobytes() for name in names]


def test_a_screen_is_on_the_panel_soon_after_it_was_shown(desk: Desk) -> None:
    desk.show("idle")

    assert desk.chip.shown == drawn("idle")


def test_only_pictures_that_changed_are_sent(desk: Desk) -> None:
    for name in ("idle", "idle", "muted", "muted", "idle"):
        desk.show(name)

    assert desk.chip.shown == drawn("idle", "muted", "idle")


def test_nobody_waits_for_a_stuck_bus_and_the_newest_picture_is_the_next_one_sent(desk: Desk) -> None:
    desk.show("idle")
    desk.stick()

    for name in ("ringing-1", "ringing-3", "muted"):
        desk.thread.show(SAMPLES[name])
    desk.chip.free.set()

    assert desk.thread.settle(LONG_S * 1000)
    assert desk.chip.shown == drawn("idle", "muted")


def test_a_stuck_bus_is_a_lost_panel_once_it_has_taken_too_long(desk: Desk) -> None:
    desk.show("idle")
    desk.stick()

    desk.now += HUNG_MS
    desk.thread.check()
    assert desk.reports.empty()
    desk.now += 1
    desk.thread.check()
    desk.thread.check()

    lost = desk.reported()
    assert (lost.at, lost.part, desk.reports.empty()) == (desk.now, Part.OLED, True)
    assert isinstance(lost, PartLost)
    assert lost.detail.startswith("OLED: the I2C bus hangs")


def test_a_bus_that_comes_free_is_a_panel_found_again(desk: Desk) -> None:
    desk.show("idle")
    desk.stick()
    desk.now += HUNG_MS + 1
    desk.thread.check()
    desk.reported()

    desk.chip.free.set()

    assert desk.reported() == PartFound(at=desk.now, part=Part.OLED)


def test_a_cut_bus_is_noticed_though_nothing_new_is_shown(desk: Desk) -> None:
    desk.show("idle")

    desk.chip.is_cut = True

    lost = desk.reported()
    assert isinstance(lost, PartLost)
    assert (lost.part, "stopped answering (no acknowledge)" in lost.detail) == (Part.OLED, True)


def test_a_panel_that_is_plugged_in_again_is_opened_again_and_gets_the_newest_picture(desk: Desk) -> None:
    desk.show("idle")
    desk.chip.is_cut = True
    desk.reported()
    desk.thread.show(SAMPLES["muted"])
    opened = desk.chip.opened

    desk.chip.is_cut = False

    assert desk.reported() == PartFound(at=1000, part=Part.OLED)
    assert (opened, desk.chip.opened, desk.chip.shown) == (1, 2, drawn("idle", "muted"))


def test_a_panel_that_was_lost_is_not_cleared_over_the_bus_that_does_not_answer(desk: Desk) -> None:
    desk.show("idle")
    desk.chip.is_cut = True
    desk.reported()

    assert desk.chip.closed == [True]


def test_a_panel_that_is_missing_at_the_start_is_lost_until_it_comes() -> None:
    desk = Desk(is_cut=True)
    desk.thread.show(SAMPLES["idle"])

    lost = desk.reported()
    desk.chip.is_cut = False
    found = desk.reported()

    desk.close()
    assert lost == PartLost(at=1000, part=Part.OLED, detail="OLED: nothing answers (no acknowledge)")
    assert (found, desk.chip.shown) == (PartFound(at=1000, part=Part.OLED), drawn("idle"))


def test_brightness_and_shift_hold_for_what_is_shown_and_all_that_comes(desk: Desk) -> None:
    desk.show("idle")
    desk.thread.set_panel(40, (1, 0))
    desk.show("muted")

    moved = Image.new("1", (128, 64))
    moved.paste(draw(SAMPLES["muted"]), (1, 0))
    assert (desk.chip.levels[0], desk.chip.levels[-1], desk.chip.shown[-1]) == (255, 102, moved.tobytes())


def test_a_panel_that_was_without_power_is_told_its_brightness_again(desk: Desk) -> None:
    desk.thread.set_panel(40, (0, 0))
    desk.show("idle")
    desk.chip.is_cut = True
    desk.reported()
    desk.chip.levels.clear()

    desk.chip.is_cut = False
    desk.reported()

    assert desk.chip.levels[0] == 102


def test_closing_leaves_the_panel_dark() -> None:
    desk = Desk(probe_ms=LONG_S * 1000)
    desk.show("idle")

    desk.close()

    assert desk.chip.closed == [False]


def test_the_last_screen_stays_on_the_panel_and_closing_again_changes_nothing() -> None:
    desk = Desk(probe_ms=LONG_S * 1000)
    desk.show("idle")

    desk.thread.close(SAMPLES["muted"])
    desk.thread.close()

    assert (desk.chip.shown, desk.chip.closed) == (drawn("idle", "muted"), [True])


def test_a_panel_that_came_back_just_now_gets_the_last_screen() -> None:
    desk = Desk(is_cut=True)
    desk.reported()
    desk.chip.is_cut = False

    desk.thread.close(SAMPLES["muted"])

    assert (desk.chip.shown[-1:], desk.chip.closed) == (drawn("muted"), [True])


def test_closing_does_not_wait_for_a_stuck_bus_for_long(desk: Desk) -> None:
    desk.show("idle")
    desk.stick()

    desk.thread.close(SAMPLES["muted"])  # it would never come back

    assert desk.thread._thread.is_alive()
    assert desk.thread._thread.daemon


def test_after_closing_nothing_is_reported() -> None:
    desk = Desk(is_cut=True)
    desk.reported()
    desk.stick()
    desk.chip.is_cut = False  # it is about to be found

    desk.thread.close()
    desk.close()

    assert desk.reports.empty()


def test_a_screen_that_cannot_be_drawn_is_a_loss_that_does_not_say_its_words_and_the_next_one_is_shown(
    desk: Desk,
) -> None:
    unprintable = Screen(name=ScreenName.IDLE, lines=("words that were said",) * 9)

    desk.thread.show(unprintable)
    lost = desk.reported()
    desk.show("idle")

    assert isinstance(lost, PartLost)
    assert "words" not in lost.detail
    assert desk.reported() == PartFound(at=1000, part=Part.OLED)
