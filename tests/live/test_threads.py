"""Threads that hang, die or are slow: what the one that decides does meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from pi_companion.core.effects import PressMute
from pi_companion.core.facts import Button, Fact, Side
from pi_companion.live.hearing import in_thread
from pi_companion.live.process import ThreadDied
from tests.live.live_bench import Bench, lights

PATIENCE_S = 60


class HungEar:
    """An ear that makes nothing of a frame before it is let go."""

    is_talking = False

    def __init__(self) -> None:
        self.is_at_it, self.may_go_on = threading.Event(), threading.Event()

    def hear(self, _at: int, _frame: bytes) -> Iterator[Fact]:
        self.is_at_it.set()
        self.may_go_on.wait(PATIENCE_S)
        return iter(())

    def stop(self, _at: int) -> Iterator[Fact]:
        return iter(())


def test_an_edge_becomes_a_light_while_speech_is_still_being_understood() -> None:
    bench, ear = Bench(), HungEar()
    bench.live._hearing._ears = dict.fromkeys(Side, ear)  # what it hears is scripted
    bench.live._run_hearing = in_thread
    with bench.opened():
        bench.deliver()
        assert ear.is_at_it.wait(PATIENCE_S)
        bench.phone.ring(bench.now, on=True)
        bench.live.turn(0)
        bench.ms += 40
        bench.live.turn(0)
        is_lit, is_still_at_it = lights(bench)[0], not ear.may_go_on.is_set()
        ear.may_go_on.set()

    assert (is_lit, is_still_at_it) == (True, True)


def test_an_edge_that_came_first_is_handled_first_though_it_was_handed_in_last() -> None:
    bench = Bench()
    seen: list[Fact] = []
    with bench.opened():
        bench.live._shell._watchers = (seen.append,)
        bench.phone.hook(100, off_hook=True)
        (hook,) = bench.live._inbox.take(0)
        bench.ms += 200
        bench.live.press(Button.RESUME)
        bench.live._inbox.put(hook)
        bench.live.turn(0)

    assert [(fact.at, type(fact).__name__) for fact in seen] == [(100, "HookChanged"), (200, "ButtonPressed")]


def test_a_thread_that_dies_ends_the_device_with_the_contact_open_and_the_lights_dark() -> None:
    bench = Bench()
    seen: list[bool] = []
    before = threading.excepthook

    def break_an_ear() -> None:
        bench.live._hearing._ears = {}  # a defect: the next frame finds none
        bench.live._perform(PressMute(at=0, pulse_ms=300))
        seen.append(bench.board.is_contact_closed)
        bench.deliver()

    bench.at_opening = break_an_ear
    bench.live._run_hearing = in_thread
    with pytest.raises(ThreadDied, match="the thread hearing died: KeyError"):
        bench.live.run()

    assert (seen, bench.board.is_contact_closed, lights(bench)) == ([True], False, (False,) * 4)
    assert threading.excepthook is before


def test_the_contact_is_open_before_anything_else_is_closed() -> None:
    bench = Bench()
    order: list[bool] = []
    bench.at_opening = lambda: bench.live._perform(PressMute(at=0, pulse_ms=300))
    bench.live._run_hearing = lambda _hearing: nullcontext()
    close_screen = bench.oled.close

    def close(*, keep_picture: bool = False) -> None:
        order.append(bench.board.is_contact_closed)
        close_screen(keep_picture=keep_picture)

    bench.oled.close = close  # type: ignore[method-assign]  # a look at the contact
    bench.live.run(lambda: True)

    assert (order[0], bench.board.is_contact_closed) == (False, False)
