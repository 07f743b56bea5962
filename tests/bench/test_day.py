"""A working day on one device: every call of this repository in turn, and what the arbiter made of it."""

from functools import cache

import pytest

from pi_companion import config
from pi_companion.bench.day import Day, Heard, compose, day_station, hear, live, repository_calls, shifted
from pi_companion.bench.ledger import Asked, Ledger, report
from pi_companion.core.account import Account
from pi_companion.core.effects import CallAnswered, LineStateChanged, NudgeShown, NudgeWithheld, ShowScreen
from pi_companion.core.facts import BusyToneHeard, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.limits import Cueing
from pi_companion.core.states import LineState, Screen, ScreenName
from pi_companion.session.folder import HookEdge, RingEdge, load
from pi_companion.session.replay import Device
from pi_companion.session.scripted import words
from pi_companion.speech import models, vosk_recogniser

FOLDERS = [load(path) for path in repository_calls()]
STATION = day_station(FOLDERS)
LIMITS = Cueing()


@cache
def device() -> Device:
    model = models.resolve("companion-zh", None)
    return Device(site=config.Site(), model=model, loaded=vosk_recogniser.load(model.path))


@cache
def heard() -> tuple[Heard, ...]:
    return tuple(hear(folder, device(), STATION) for folder in FOLDERS)


@cache
def scripted() -> tuple[Heard, ...]:
    """The first of those without audio: a short day."""
    return tuple(one for one in heard() if one.folder.script)[:6]


def lived(day: Day) -> tuple[Ledger, Account]:
    return live(day, device())


@cache
def whole_day() -> tuple[Ledger, Account]:
    return lived(compose(heard(), STATION, calls=60, seed=1))


# The day


def test_a_day_has_sixty_calls_and_every_folder_is_in_it() -> None:
    ledger, _account = whole_day()

    assert ledger.calls.total() >= 60
    assert {*ledger.calls} == {"answered", "missed", "outbound"}
    assert sum(one.calls for one in heard()) <= 60


def test_in_a_whole_day_no_nudge_is_lost() -> None:
    ledger, account = whole_day()

    assert account.offered > 0
    assert (account.lost, account.waiting) == (0, 0)
    assert (account.shown, account.withheld) == (len(ledger.nudges), ledger.withheld.total())


def test_in_a_whole_day_there_are_never_two_nudges_within_the_budget() -> None:
    ledger, _account = whole_day()

    assert ledger.nearest_ms is not None
    assert ledger.nearest_ms >= LIMITS.budget_ms


def test_in_a_whole_day_every_nudge_can_be_read_unless_safety_or_the_agent_takes_it_away() -> None:
    ledger, _account = whole_day()

    assert len(ledger.nudges) > 20
    assert ledger.cut_short(LIMITS.shown_ms) == []


def test_in_a_whole_day_every_moment_has_its_screen() -> None:
    ledger, _account = whole_day()

    assert ledger.screens_ms.total() == ledger.length_ms


def test_the_same_seed_gives_the_same_day_and_another_gives_another() -> None:
    one, again, other = (compose(scripted(), STATION, calls=8, seed=seed) for seed in (1, 1, 2))

    assert one == again
    assert one != other
    assert lived(one) == lived(again)


def test_a_day_does_what_its_calls_do_alone() -> None:
    """The first call of a day is the call itself."""
    (hold,) = [one for one in heard() if one.folder.path.name == "16-dead-air"]

    ledger, _account = lived(compose([hold], STATION, calls=1, seed=1))

    assert [(asked.at, asked.rule) for asked in ledger.nudges if asked.is_rationed] == [(19100, "LISTEN-6")]


# What it is made of


def test_in_a_day_faults_of_the_phone_come_with_their_call() -> None:
    (by_hand,) = [one for one in heard() if one.folder.path.name == "26-mute-by-hand"]
    (hold,) = [one for one in heard() if one.folder.path.name == "16-dead-air"]

    days = [compose([one, other], STATION, calls=2, seed=1) for one, other in ((by_hand, hold), (hold, by_hand))]

    assert (hold.presses, by_hand.presses) == (2, 2)
    assert {day.folder.phone.faults for day in days} == {
        ("ignores_press@1", "ignores_press@2"),
        ("ignores_press@3", "ignores_press@4"),
    }


def test_what_was_heard_is_heard_later() -> None:
    said = words("您好", 100, 500)
    later = words("您好", 1100, 1500)

    assert [
        shifted(fact, 1000)
        for fact in (
            TalkSpurtBegan(at=180, side=Side.AGENT, began=100),
            WordsHeard(at=900, side=Side.AGENT, words=said, is_final=True, second=(said,)),
            TalkSpurtEnded(at=900, side=Side.AGENT, began=100, ended=500, level_dbfs=-20),
            BusyToneHeard(at=2000, began=900),
        )
    ] == [
        TalkSpurtBegan(at=1180, side=Side.AGENT, began=1100),
        WordsHeard(at=1900, side=Side.AGENT, words=later, is_final=True, second=(later,)),
        TalkSpurtEnded(at=1900, side=Side.AGENT, began=1100, ended=1500, level_dbfs=-20),
        BusyToneHeard(at=3000, began=1900),
    ]


def test_the_calls_of_a_folder_are_counted() -> None:
    calls = {one.folder.path.name: one.calls for one in heard()}

    assert (calls["07-missed"], calls["08-outbound"], calls["18-empty-seat"], calls["22-three-calls"]) == (1, 1, 1, 3)


def test_the_lines_of_a_day_are_in_order_and_end_on_hook() -> None:
    lines = compose(scripted(), STATION, calls=8, seed=1).folder.lines

    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert [line.is_off_hook for line in lines if isinstance(line, HookEdge)][-1] is False
    assert [line.is_active for line in lines if isinstance(line, RingEdge)][-1] is False


# The ledger


def screen(name: ScreenName, *lines: str) -> Screen:
    return Screen(name=name, lines=lines)


NUDGE = screen(ScreenName.NUDGE, "请勿打断", "等客户说完")
IN_CALL = screen(ScreenName.IN_CALL, "00:01")


def ledger_of(*told: tuple[int, Screen | str]) -> Ledger:
    """A rule's id is its nudge."""
    ledger = Ledger()
    for at, what in told:
        if isinstance(what, str):
            ledger.take(NudgeShown(at=at, rule=what, text="请勿打断 等客户说完"))
        else:
            ledger.take(ShowScreen(at=at, screen=what))
    ledger.end(100000)
    return ledger


def test_a_nudge_is_timed_for_as_long_as_its_screen_is_there() -> None:
    ledger = ledger_of((0, IN_CALL), (1000, "LISTEN-1"), (1000, NUDGE), (5000, IN_CALL))

    assert [(asked.on_screen_ms, asked.taken_by) for asked in ledger.nudges] == [(4000, ScreenName.IN_CALL)]
    assert ledger.screens_ms == {ScreenName.IN_CALL: 96000, ScreenName.NUDGE: 4000}


def test_a_prompt_that_looks_like_a_nudge_is_none() -> None:
    prompt = screen(ScreenName.NUDGE, "离席请设小休", "")

    ledger = ledger_of((1000, "LISTEN-1"), (1000, NUDGE), (5000, IN_CALL), (8000, prompt), (30000, IN_CALL))

    assert [asked.on_screen_ms for asked in ledger.nudges] == [4000]


@pytest.mark.parametrize(
    ("taken_by", "at", "is_cut"),
    [
        (IN_CALL, 4999, True),
        (IN_CALL, 5000, False),
        (screen(ScreenName.MUTED), 2000, False),
        (screen(ScreenName.RINGING), 2000, False),
        (screen(ScreenName.WHY), 2000, False),
    ],
)
def test_a_nudge_is_cut_short_by_anything_but_safety_and_the_agent(taken_by: Screen, at: int, is_cut: bool) -> None:
    ledger = ledger_of((1000, "LISTEN-1"), (1000, NUDGE), (at, taken_by))

    assert bool(ledger.cut_short(4000)) is is_cut


def test_what_is_about_the_wait_does_not_count_in_the_budget() -> None:
    ledger = ledger_of((1000, "LISTEN-1"), (2000, "HOLD-3"), (3000, "HOLD-4"), (63000, "SAY-WAIT"))

    assert ledger.nearest_ms == 62000
    assert (len(ledger.nudges), ledger.hints["HOLD-4"]) == (3, 1)


def test_the_time_in_calls_is_from_off_hook_to_on_hook() -> None:
    ledger = Ledger()
    ledger.take(CallAnswered(at=1000, rings=1, after_ms=500))
    for at, state in ((1000, LineState.CONNECTED), (5000, LineState.ON_HOLD), (9000, LineState.WRAP_UP)):
        ledger.take(LineStateChanged(at=at, state=state))
    ledger.end(20000)

    assert (ledger.in_calls_ms, ledger.length_ms, dict(ledger.calls)) == (8000, 20000, {"answered": 1})


def test_the_report_names_every_rule_and_screen() -> None:
    from rich.console import Console  # noqa: PLC0415 - only here

    ledger = ledger_of((0, IN_CALL), (1000, "LISTEN-1"), (1000, NUDGE), (5000, IN_CALL))
    ledger.take(NudgeWithheld(at=6000, rule="SAY-WAIT", reason="budget"))
    console = Console(width=120, record=True, quiet=False)
    with console.capture() as printed:
        console.print(report(ledger, Account(offered=2, shown=1, withheld=1), "a day"))

    text = printed.get()
    assert all(word in text for word in ("LISTEN-1", "SAY-WAIT", "budget", "in_call", "4.0 s", "96.0 %", "a day"))


def test_a_nudge_nobody_could_see_is_cut_short() -> None:
    ledger = ledger_of((0, IN_CALL), (1000, "LISTEN-1"))

    assert ledger.cut_short(4000) == [Asked(at=1000, rule="LISTEN-1", text="请勿打断 等客户说完")]
