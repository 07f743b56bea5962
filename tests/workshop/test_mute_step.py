"""`board` never presses in anybody's call and never leaves the key pressed, whatever happens meanwhile."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_companion.bench.workshop import SimulatedRig
from pi_companion.core.settings import Station
from pi_companion.packs import load_pack
from pi_companion.workshop import mute
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.mute import DIAL_TONE_MS, QUIET_MS
from pi_companion.workshop.reading import Reading, Verdict
from pi_companion.workshop.rig import Ask, Look
from pi_companion.workshop.wired import STEP_MS, Wired

PACK = load_pack(None, names={"agent_name": ""})
PULSE_MS = PACK.limits.mute.pulse_ms
LONGEST_MS = 160


class Rig(SimulatedRig):
    """A simulated unit of which every press is noted: since when the handset was up, and for how long it was closed.

    `asked` replaces what the person does when asked; `while_closed` is called in every wait with the contact closed.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__(lambda _line: None, faults=faults)
        self.asked: dict[Ask, Callable[[], None]] = {}
        self.is_confirmed: bool | None = True
        self.while_closed: Callable[[], None] = lambda: None
        self.while_asked: Callable[[], None] = lambda: None
        self.at: list[tuple[int, Callable[[int], None]]] = []
        self.closed: list[tuple[int, int]] = []
        self.up_since: int | None = None
        self.rang_at = -QUIET_MS
        self.in_call: list[int] = []
        self._closed_at: int | None = None
        self.phone.watch(self._note)

    def wait(self, ms: int) -> None:
        self._follow()
        if self._closed_at is not None:
            self.while_closed()
        for _ in range(0, max(ms, 1), STEP_MS):
            due = [act for at, act in self.at if at <= self.now()]
            self.at = [(at, act) for at, act in self.at if at > self.now()]
            for act in due:
                act(self.now())
            super().wait(min(ms, STEP_MS))
            self._follow()

    def ask(self, what: Ask) -> None:
        if what in self.asked:
            self.asked[what]()
        else:
            super().ask(what)

    def confirms(self, what: Look) -> bool | None:
        if what is not Look.TEST_CALL:
            return super().confirms(what)
        self.while_asked()
        return self.is_confirmed

    @property
    def held_ms(self) -> list[int]:
        """For how long the contact was closed, press by press."""
        self._follow()
        return [for_ms for _, for_ms in self.closed]

    def _note(self, at: int) -> None:
        if self.phone.is_ringing:
            self.rang_at = at
        if not self.phone.is_off_hook:
            self.up_since = None
        elif self.up_since is None:
            self.up_since = at

    def _follow(self) -> None:
        now, is_closed = self.now(), self.board.is_contact_closed
        if is_closed and self._closed_at is None:
            self._closed_at = now
            is_test_call = self.up_since is not None and now - self.up_since >= DIAL_TONE_MS
            if not is_test_call or self.phone.is_ringing or now - self.rang_at < QUIET_MS:
                self.in_call.append(now)
        elif not is_closed and self._closed_at is not None:
            self.closed.append((self._closed_at, now - self._closed_at))
            self._closed_at = None


def bench(rig: Rig, **station: object) -> Bench:
    return Bench(
        rig=rig, station=replace(Station(), **station), pack=PACK, say=lambda _line: None, learned={}  # type: ignore[arg-type]  # settings by name
    )  # fmt: skip


def found(readings: Iterator[Reading]) -> list[tuple[Verdict, str]]:
    return [(reading.verdict, reading.found) for reading in readings]


def refused(rig: Rig, why: str) -> None:
    (only,) = mute.mute(bench(rig))

    assert (only.verdict, only.found.startswith(f"not pressed: {why}")) == (Verdict.WRONG, True), only
    assert (rig.phone.presses, rig.board.is_contact_closed) == (0, False)


def test_one_press_and_the_lamp_that_follows() -> None:
    rig = Rig()

    assert found(mute.mute(bench(rig))) == [
        (Verdict.FINE, "lit 60 ms after the press began, turned 1 times; pulse 120 ms"),
        (Verdict.FINE, "contact open, MUTE lamp dark, handset down"),
    ]
    assert (rig.phone.presses, rig.held_ms) == (1, [PULSE_MS])


def test_the_stations_own_pulse_is_used() -> None:
    rig = Rig()
    list(mute.mute(bench(rig, mute_pulse_ms=80)))

    assert rig.held_ms == [80]


def test_a_handset_that_is_up_as_the_step_begins_is_a_call() -> None:
    rig = Rig()
    rig.phone.hook(0, off_hook=True)
    rig.asked[Ask.REST] = lambda: None

    refused(rig, "a call is on or comes in")


def test_a_call_that_ends_as_the_step_begins_is_still_a_call_that_was_on() -> None:
    rig = Rig()
    rig.phone.hook(0, off_hook=True)

    refused(rig, "a call is on or comes in")


@pytest.mark.parametrize("dark_for_ms", [0, 3000])
def test_a_phone_that_rings_is_left_alone_between_its_rings_too(dark_for_ms: int) -> None:
    rig = Rig()
    rig.at = [(dark_for_ms, lambda at: rig.phone.ring(at, on=True))]

    refused(rig, "a call is on or comes in")


def test_a_hook_line_that_is_cut_presses_nothing() -> None:
    rig = Rig()
    rig.asked[Ask.LIFT] = lambda: None

    refused(rig, "no handset was lifted in time")


@pytest.mark.parametrize("said", [None, False])
def test_nobody_who_confirms_nothing_that_presses(said: bool | None) -> None:
    rig = Rig()
    rig.is_confirmed = said

    refused(rig, "nobody confirmed")


def test_a_handset_that_goes_down_before_the_press_ends_the_step() -> None:
    rig = Rig()
    rig.at = [(QUIET_MS + 3000, lambda at: rig.phone.hook(at, off_hook=False))]

    refused(rig, "the test call is over")


def test_a_handset_that_was_put_down_and_taken_up_again_is_another_call() -> None:
    rig = Rig()

    def another_call() -> None:
        rig.phone.hook(rig.now(), off_hook=False)
        rig.phone.hook(rig.now(), off_hook=True)

    rig.while_asked = another_call

    refused(rig, "the test call is over")


def test_a_hook_that_bounces_is_lifted_once() -> None:
    rig = Rig()

    def bounce(at: int) -> None:
        rig.phone.hook(at, off_hook=not rig.phone.is_off_hook)

    def lift() -> None:
        rig.at = [(rig.now() + 1000 + STEP_MS * turn, bounce) for turn in range(7)]

    rig.asked[Ask.LIFT] = lift

    assert found(mute.mute(bench(rig)))[0][0] is Verdict.FINE


@pytest.mark.parametrize("happens", ["hangs up", "rings"])
def test_what_happens_while_the_key_is_pressed_opens_the_contact_at_once(happens: str) -> None:
    rig = Rig()
    acts = {
        "hangs up": lambda: rig.phone.hook(rig.now(), off_hook=False),
        "rings": lambda: rig.phone.ring(rig.now(), on=True),
    }
    rig.while_closed = acts[happens]

    (only,) = mute.mute(bench(rig))

    assert only.found == "not pressed: the test call is over: the handset went down, or the phone rang"
    assert rig.held_ms == [STEP_MS]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_while_the_key_is_pressed_ends_the_program_with_the_contact_open(number: int) -> None:
    rig, before = Rig(), signal.getsignal(number)
    rig.while_closed = lambda: os.kill(os.getpid(), number)

    with pytest.raises((SystemExit, KeyboardInterrupt)):
        list(mute.mute(bench(rig)))

    assert (rig.board.is_contact_closed, rig.held_ms) == (False, [STEP_MS])
    assert signal.getsignal(number) is before


def test_a_signal_at_any_other_time_ends_it_too() -> None:
    rig = Rig()
    rig.at = [(1000, lambda _at: os.kill(os.getpid(), signal.SIGTERM))]

    with pytest.raises(SystemExit):
        list(mute.mute(bench(rig)))

    assert (rig.phone.presses, rig.board.is_contact_closed) == (0, False)


def test_ctrl_z_cannot_stop_the_process_while_the_key_is_pressed() -> None:
    rig, before, meanwhile = Rig(), signal.getsignal(signal.SIGTSTP), set[object]()
    rig.while_closed = lambda: meanwhile.add(signal.getsignal(signal.SIGTSTP))

    assert found(mute.mute(bench(rig)))[0][0] is Verdict.FINE
    assert (meanwhile, signal.getsignal(signal.SIGTSTP)) == ({signal.SIG_IGN}, before)


def test_a_loop_that_hangs_while_the_key_is_pressed_has_a_guard_that_opens_it() -> None:
    rig = Rig()
    rig.is_simulated = False  # its time may hang
    hung = threading.Event()

    def hang() -> None:
        for _ in range(500):
            if not rig.board.is_contact_closed:
                hung.set()
                return
            hung.wait(0.01)

    rig.while_closed = hang
    next(mute.mute(bench(rig)))

    assert hung.is_set()


def test_a_defect_while_the_key_is_pressed_opens_the_contact() -> None:
    rig = Rig()

    def fail() -> None:
        raise RuntimeError("a defect")

    rig.while_closed = fail

    with pytest.raises(RuntimeError, match="a defect"):
        list(mute.mute(bench(rig)))
    assert (rig.board.is_contact_closed, rig.phone.presses) == (False, 1)


def test_a_reading_that_nobody_asks_for_any_more_leaves_the_contact_open() -> None:
    rig = Rig()
    readings = mute.mute(bench(rig))
    next(readings)
    readings.close()  # type: ignore[attr-defined]  # it is a generator

    assert rig.board.is_contact_closed is False
    Wired(rig).close()  # every line was given back


def test_a_key_that_does_nothing_and_one_that_repeats_are_told() -> None:
    for fault, told in (("ignores_press@1", "no turn, turned 0 times"), ("double_toggle@1", "turned 2 times")):
        verdict, said = found(mute.mute(bench(Rig(fault))))[0]
        assert (verdict, told in said) == (Verdict.WRONG, True), said


def test_where_no_lamp_is_sensed_a_person_tells() -> None:
    assert found(mute.mute(bench(Rig(), mute_lamp=False)))[0] == (
        Verdict.FINE,
        "pressed, 120 ms; no lamp is sensed here",
    )


def test_the_shortest_pulse_is_found_and_learned_with_a_margin() -> None:
    rig = Rig("ignores_press@2", "ignores_press@3")  # the second of 40 ms, the first of 60 ms
    desk = bench(rig)

    assert found(mute.pulse(desk))[0] == (Verdict.FINE, "80 ms; to press with: 120 ms")
    assert (desk.learned, rig.held_ms) == ({"mute_pulse_ms": 120}, [40, 40, 60, 80, 80, 80])


def test_a_key_that_takes_nothing_teaches_nothing() -> None:
    rig = Rig(*(f"ignores_press@{press}" for press in range(1, 20)))
    desk = bench(rig)

    assert found(mute.pulse(desk))[0] == (Verdict.WRONG, "none of up to 160 ms")
    assert (desk.learned, max(rig.held_ms)) == ({}, LONGEST_MS)


HAPPENINGS = ("lift", "hang up", "ring", "stop ringing", "own key")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([mute.mute, mute.pulse]),
    st.lists(st.tuples(st.integers(0, 14000), st.sampled_from(HAPPENINGS)), max_size=12),
    st.sampled_from([True, False, None]),
    st.sets(st.sampled_from([Ask.REST, Ask.LIFT, Ask.HANG_UP])),
)
def test_whatever_the_desk_does_nothing_is_pressed_in_a_call_or_held(
    step: Callable[[Bench], Iterator[Reading]],
    happenings: list[tuple[int, str]],
    said: bool | None,
    unheard: set[Ask],
) -> None:
    rig = Rig()
    acts: dict[str, Callable[[int], None]] = {
        "lift": lambda at: rig.phone.hook(at, off_hook=True),
        "hang up": lambda at: rig.phone.hook(at, off_hook=False),
        "ring": lambda at: rig.phone.ring(at, on=True),
        "stop ringing": lambda at: rig.phone.ring(at, on=False),
        "own key": rig.phone.own_mute_key,
    }
    rig.at = [(at, acts[what]) for at, what in happenings]
    rig.is_confirmed = said
    for what in unheard:
        rig.asked[what] = lambda: None

    list(step(bench(rig)))

    assert rig.in_call == []
    assert rig.board.is_contact_closed is False
    assert [for_ms for for_ms in rig.held_ms if for_ms > LONGEST_MS] == []
    assert said is True or rig.phone.presses == 0
