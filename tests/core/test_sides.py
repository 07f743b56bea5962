"""Channels swapped by mistake: noticed by how both sides sound, said, and nothing guessed until it is right."""

from dataclasses import replace

import pytest

from pi_companion.core.effects import CallCard, FaultCleared, FaultRaised, HoldChanged, PhraseSpotted, ShowScreen
from pi_companion.core.facts import Fact, Part, PartFound, PartLost, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.sides import Sides
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, words

WIDE, NARROW, BETWEEN = -18, -34, -28


def ended(side: Side, at: int, treble_db: int | None, *, for_ms: int = 1000, level_dbfs: int = -20) -> TalkSpurtEnded:
    return TalkSpurtEnded(
        at=at + 400, side=side, began=at - for_ms, ended=at, level_dbfs=level_dbfs, treble_db=treble_db
    )


def talk(desk: Desk, began: int, *, agent: int | None, customer: int | None, turns: int = 6, text: str = "天天") -> int:
    """Let both say something in turn, in voices of such treble; return when that is over."""
    at = began
    for _ in range(turns):
        for side, treble_db in ((Side.AGENT, agent), (Side.CUSTOMER, customer)):
            at += 1500
            desk.deliver(
                TalkSpurtBegan(at=at - 900, side=side, began=at - 1000),
                WordsHeard(at=at + 400, side=side, words=words(text, at - 1000, at), is_final=True),
                ended(side, at, treble_db),
            )
    return at + 500


def faults(desk: Desk) -> list[tuple[str, Part]]:
    return [
        (type(effect).__name__, effect.part) for effect in desk.done if isinstance(effect, FaultRaised | FaultCleared)
    ]


def test_swapped_channels_are_said_with_what_to_do() -> None:
    desk = Desk()
    talk(desk, desk.answered_call(), agent=NARROW, customer=WIDE)

    shown = [effect.screen for effect in desk.all(ShowScreen) if effect.screen.name is ScreenName.FAULT]
    assert faults(desk) == [("FaultRaised", Part.SIDES)]
    assert [screen.lines for screen in shown] == [("声道接反", "请左右对调")]


@pytest.mark.parametrize(
    ("agent", "customer"),
    [(WIDE, NARROW), (WIDE, WIDE), (NARROW, NARROW), (NARROW, BETWEEN), (BETWEEN, WIDE), (None, None)],
)
def test_anything_else_says_nothing(agent: int | None, customer: int | None) -> None:
    desk = Desk()
    talk(desk, desk.answered_call(), agent=agent, customer=customer, turns=20)

    assert faults(desk) == []


def test_a_few_spurts_say_nothing() -> None:
    desk = Desk()
    talk(desk, desk.answered_call(), agent=NARROW, customer=WIDE, turns=3)

    assert faults(desk) == []


def test_what_one_call_is_too_short_for_several_tell() -> None:
    desk = Desk()
    at = talk(desk, desk.answered_call(), agent=NARROW, customer=WIDE, turns=3)
    desk.hook(at, off=False)
    desk.rings(1, at + 30000)
    desk.hook(at + 32000, off=True)
    talk(desk, at + 33000, agent=NARROW, customer=WIDE, turns=3)

    assert faults(desk) == [("FaultRaised", Part.SIDES)]


@pytest.mark.parametrize("unsure", [{"for_ms": 300}, {"level_dbfs": -60}])
def test_what_is_short_or_soft_says_nothing_about_its_line(unsure: dict[str, int]) -> None:
    sides = Sides(has_customer_side=True)
    judged = [
        sides.judge(ended(side, at * 2000, treble_db, **unsure))
        for at in range(20)
        for side, treble_db in ((Side.AGENT, NARROW), (Side.CUSTOMER, WIDE))
    ]

    assert set(judged) == {None}


def test_while_they_are_swapped_nothing_is_coached_and_nothing_claimed() -> None:
    desk = Desk()
    at = talk(desk, desk.answered_call(), agent=NARROW, customer=WIDE)
    before = len(desk.all(PhraseSpotted))
    at = talk(desk, at, agent=NARROW, customer=WIDE, text="请您稍等不要挂机帮您咨询一下好吗")
    desk.hook(at + 1000, off=False)

    (card,) = desk.all(CallCard)
    assert (len(desk.all(PhraseSpotted)) - before, desk.all(HoldChanged)) == (0, [])
    assert (card.taboo, card.opening, card.closing, card.chars_per_min, card.customer_hung_up_first) == (None,) * 5


def test_it_is_shown_on_the_idle_desk_until_it_is_set_right() -> None:
    desk = Desk()
    at = talk(desk, desk.answered_call(), agent=NARROW, customer=WIDE)
    desk.hook(at, off=False)
    desk.wait_until(at + 60000)
    idle = desk.screen().lines
    desk.loses(at + 60000, Part.TAP)
    desk.deliver(PartFound(at=at + 70000, part=Part.TAP))
    unplugged = desk.screen().lines
    desk.rings(1, at + 80000)
    desk.hook(at + 82000, off=True)
    at = talk(desk, at + 83000, agent=WIDE, customer=NARROW, turns=3)
    desk.hook(at, off=False)
    desk.wait_until(at + 60000)

    assert (idle, unplugged) == (("声道接反", "请左右对调"),) * 2
    assert (faults(desk)[-1], desk.screen().name is ScreenName.FAULT) == (("FaultCleared", Part.SIDES), False)


def test_once_it_is_right_words_count_again_from_the_next_utterance_on() -> None:
    sides = Sides(has_customer_side=True)
    at = 0
    for _ in range(8):
        at += 3000
        sides.judge(ended(Side.AGENT, at, NARROW))
        sides.judge(ended(Side.CUSTOMER, at, WIDE))
    counted = []
    for turn in range(5):
        at += 3000
        facts: tuple[Fact, ...] = (
            TalkSpurtBegan(at=at - 900, side=Side.AGENT, began=at - 1000),
            WordsHeard(at=at, side=Side.AGENT, words=(), is_final=True),
            ended(Side.AGENT, at, WIDE),
        )
        counted.append("".join(".#"[(sides.judge(fact) is None) and sides.counts(fact)] for fact in facts))
        assert turn < 5

    assert counted == ["...", "...", "...", "###", "###"]


def test_an_utterance_that_is_open_as_it_is_found_out_ends() -> None:
    sides = Sides(has_customer_side=True)
    sides.counts(TalkSpurtBegan(at=0, side=Side.CUSTOMER, began=0))
    for at in range(1000, 9000, 1000):
        sides.judge(ended(Side.AGENT, at, NARROW))
        sides.judge(ended(Side.CUSTOMER, at, WIDE))

    end = ended(Side.CUSTOMER, 9000, WIDE)
    assert (sides.is_swapped, sides.counts(end), sides.counts(replace(end, at=end.at + 1))) == (True, True, False)


def test_a_card_that_was_unplugged_in_between_is_judged_anew() -> None:
    sides = Sides(has_customer_side=True)
    judged = []
    for at in range(1000, 20000, 1000):
        judged += [sides.judge(ended(Side.AGENT, at, NARROW)), sides.judge(ended(Side.CUSTOMER, at, WIDE))]
        sides.judge(PartLost(at=at, part=Part.TAP, detail="test"))

    assert set(judged) == {None}
