"""The simulated desk phone: when its key counts, what its faults do, and that it keeps time."""

import pytest

from pi_companion.bench.phone import DeskPhone
from pi_companion.bench.phone_faults import FAULTS, FLICKER_MS, Faults, Span, parse_faults
from pi_companion.errors import CallFolderError

DELAY_MS = 60


class Diary:
    """Writes down the lamp after every change."""

    def __init__(self, phone: DeskPhone) -> None:
        self.phone = phone
        self.entries: list[tuple[int, bool]] = []
        phone.watch(self.write)

    def write(self, at: int) -> None:
        if not self.entries or self.entries[-1][1] is not self.phone.is_lamp_lit:
            self.entries.append((at, self.phone.is_lamp_lit))


def in_call(*faults: str, mute_lamp: bool = True, key_delay_ms: int = DELAY_MS) -> DeskPhone:
    phone = DeskPhone(mute_lamp=mute_lamp, key_delay_ms=key_delay_ms, faults=faults)
    phone.hook(0, off_hook=True)
    return phone


def press(phone: DeskPhone, at: int, for_ms: int = 120) -> None:
    phone.contact(at, closed=True)
    phone.contact(at + for_ms, closed=False)


def presses(phone: DeskPhone, *starts: int) -> list[tuple[int, bool]]:
    diary = Diary(phone)
    for at in starts:
        press(phone, at)
    phone.advance(starts[-1] + 1000)
    return diary.entries


def test_a_press_toggles_mute_after_the_key_delay() -> None:
    assert presses(in_call(), 1000, 2000) == [(1060, True), (2060, False)]


def test_a_press_is_announced_and_done_at_its_time() -> None:
    phone = in_call()
    phone.contact(1000, closed=True)

    seen = [phone.next_at(), phone.is_muted]
    phone.advance(1059)
    seen += [phone.next_at(), phone.is_muted]
    phone.advance(1060)
    seen += [phone.next_at(), phone.is_muted]

    assert seen == [1060, False, 1060, False, None, True]


@pytest.mark.parametrize(("for_ms", "is_muted"), [(1, False), (29, False), (30, True), (300, True)])
def test_the_key_counts_only_if_it_is_closed_long_enough(for_ms: int, is_muted: bool) -> None:
    phone = in_call()

    press(phone, 1000, for_ms)
    phone.advance(2000)

    assert (phone.is_muted, phone.presses) == (is_muted, 1)


def test_a_key_closed_too_shortly_does_not_undo_the_press_before() -> None:
    phone = in_call(key_delay_ms=500)

    press(phone, 1000)
    press(phone, 1200, for_ms=10)
    phone.advance(2000)

    assert phone.is_muted


@pytest.mark.parametrize("key_delay_ms", [0, 30])
def test_the_phone_never_acts_before_it_has_seen_the_key(key_delay_ms: int) -> None:
    assert presses(in_call(key_delay_ms=key_delay_ms), 1000) == [(1030, True)]


def test_a_contact_that_stays_closed_presses_once() -> None:
    phone = in_call()

    phone.contact(1000, closed=True)
    phone.contact(1100, closed=True)
    phone.advance(60000)

    assert (phone.is_muted, phone.presses) == (True, 1)


def test_on_hook_the_key_does_nothing() -> None:
    phone = in_call()
    phone.hook(500, off_hook=False)

    press(phone, 1000)
    phone.own_mute_key(1200)
    phone.advance(2000)

    assert not phone.is_muted


def test_a_press_just_before_hanging_up_comes_too_late() -> None:
    phone = in_call()

    phone.contact(1000, closed=True)
    phone.hook(1040, off_hook=False)
    phone.advance(2000)

    assert not phone.is_muted


def test_mute_outlives_the_call() -> None:
    phone = in_call()

    press(phone, 1000)
    phone.hook(2000, off_hook=False)

    assert (phone.is_muted, phone.is_lamp_lit) == (True, True)


def test_a_phone_may_clear_its_mute_on_hook() -> None:
    phone = in_call("clears_mute_on_hook")
    diary = Diary(phone)

    press(phone, 1000)
    phone.hook(2000, off_hook=False)

    assert diary.entries == [(1060, True), (2000, False)]


def test_the_agents_own_key_toggles_too_and_is_not_counted() -> None:
    phone = in_call("ignores_press@1")
    diary = Diary(phone)

    phone.own_mute_key(1000)
    phone.advance(2000)

    assert (diary.entries, phone.presses) == ([(1060, True)], 0)


def test_an_ignored_press_is_the_one_that_was_named() -> None:
    assert presses(in_call("ignores_press@2"), 1000, 2000, 3000) == [(1060, True), (3060, False)]


def test_a_double_toggle_turns_back_after_another_key_delay() -> None:
    assert presses(in_call("double_toggle@1"), 1000, 2000) == [(1060, True), (1120, False), (2060, True)]


def test_a_dead_lamp_hides_the_mute_that_is_still_there() -> None:
    phone = in_call("lamp_dead@1500")

    assert presses(phone, 1000) == [(1060, True), (1500, False)]
    assert phone.is_muted


@pytest.mark.parametrize(
    ("fault", "lamp"),
    [
        ("lamp_stuck_on@1500+1000", [(1060, True), (2500, False)]),
        ("lamp_stuck_off@1020+1000", [(1020, False), (2020, True), (2060, False)]),
        ("lamp_inverted@1500+1000", [(1060, True), (1500, False), (2060, True), (2500, False)]),
        ("lamp_late@0+700", [(1060, False), (1760, True), (2760, False)]),
        ("lamp_flickers@1500+200", [(1060, True), (1500, False), (1590, True), (1680, False), (1700, True),
                                    (2060, False)]),
    ],
)  # fmt: skip
def test_a_lying_lamp_hides_the_truth_for_its_time(fault: str, lamp: list[tuple[int, bool]]) -> None:
    phone = in_call(fault)
    assert (presses(phone, 1000, 2000), phone.is_muted) == (lamp, False)


def test_a_flickering_lamp_turns_as_often_as_it_says() -> None:
    phone = in_call("lamp_flickers@0+1000")
    diary = Diary(phone)
    phone.advance(2000)
    assert [at for at, _ in diary.entries] == [*range(FLICKER_MS, 1000, FLICKER_MS)]


def test_a_late_press_counts_later_than_the_others() -> None:
    assert presses(in_call("late_press@1+900"), 1000, 3000) == [(1960, True), (3060, False)]


def test_a_phone_may_forget_that_it_was_muted() -> None:
    phone = in_call("forgets_mute@1500")
    assert (presses(phone, 1000), phone.is_muted) == ([(1060, True), (1500, False)], False)


def test_a_phone_may_clear_its_mute_when_the_handset_is_lifted() -> None:
    phone = in_call("clears_mute_on_lift")
    press(phone, 1000)
    phone.hook(2000, off_hook=False)
    was_muted = phone.is_muted
    phone.hook(3000, off_hook=True)
    assert (was_muted, phone.is_muted) == (True, False)


def test_a_phone_may_toggle_by_itself() -> None:
    phone = in_call("self_toggles@700", "self_toggles@300")
    diary = Diary(phone)

    phone.advance(1000)

    assert diary.entries == [(300, True), (700, False)]


def test_without_a_lamp_the_mute_is_still_the_truth() -> None:
    phone = in_call(mute_lamp=False)

    press(phone, 1000)

    assert (phone.is_muted, phone.is_lamp_lit) == (True, False)


def test_bell_and_hook_are_as_they_were_last_set() -> None:
    phone = DeskPhone()

    phone.ring(10, on=True)
    seen = [(phone.is_ringing, phone.is_off_hook)]
    phone.ring(20, on=False)
    phone.hook(20, off_hook=True)
    seen.append((phone.is_ringing, phone.is_off_hook))

    assert seen == [(True, False), (False, True)]


def test_whoever_watches_may_press_again() -> None:
    phone = in_call()

    def press_back(at: int) -> None:
        if phone.presses < 2 and phone.is_lamp_lit:
            phone.contact(at, closed=False)
            phone.contact(at, closed=True)

    phone.watch(press_back)
    diary = Diary(phone)

    phone.contact(1000, closed=True)
    phone.advance(5000)

    assert diary.entries == [(1060, True), (1120, False)]


def test_time_never_goes_back() -> None:
    phone = in_call()
    phone.advance(1000)

    with pytest.raises(ValueError, match="is at 1000 ms already and cannot go back to 999 ms"):
        phone.contact(999, closed=True)

    assert phone.presses == 0


def test_every_fault_is_understood() -> None:
    asked_for = [
        "ignores_press@2",
        "double_toggle@1",
        "late_press@3+900",
        "lamp_dead@0",
        "lamp_stuck_on@1+2",
        "lamp_stuck_off@3+4",
        "lamp_inverted@5+6",
        "lamp_flickers@7+8",
        "lamp_late@9+10",
        "clears_mute_on_hook",
        "clears_mute_on_lift",
        "forgets_mute@11",
        "self_toggles@41000",
    ]
    assert {fault.partition("@")[0] for fault in asked_for} == {fault.partition("@")[0] for fault in FAULTS}

    assert parse_faults(asked_for) == Faults(
        ignored_presses=frozenset({2}),
        double_presses=frozenset({1}),
        late_presses={3: 900},
        lamp_dead_at=0,
        stuck_on=(Span(1, 3),),
        stuck_off=(Span(3, 7),),
        inverted=(Span(5, 11),),
        flickers=(Span(7, 15),),
        lamp_late=((9, 10),),
        clears_mute_on_hook=True,
        clears_mute_on_lift=True,
        forgets_at=(11,),
        toggles_at=(41000,),
    )


@pytest.mark.parametrize(
    "fault",
    ["on_fire", "ignores_press", "ignores_press@0", "ignores_press@-1", "lamp_dead@", "self_toggles@1.5", "@1", "",
     "clears_mute_on_hook@1", "lamp_dead@٣", "lamp_stuck_on@1", "late_press@0+1", "lamp_dead@1+1"],
)  # fmt: skip
def test_an_unknown_fault_is_refused_with_what_there_is(fault: str) -> None:
    with pytest.raises(CallFolderError) as error:
        DeskPhone(faults=("lamp_dead@1", fault))

    there_are = ", ".join(FAULTS)
    assert error.value.complaints == (f"{fault!r} is no fault of the simulated phone; there are {there_are}",)


def test_every_unknown_fault_is_named_at_once() -> None:
    with pytest.raises(CallFolderError, match=r"(?s)'a'.*'b@2'"):
        parse_faults(("a", "b@2"))
