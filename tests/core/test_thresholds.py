"""Every number of the rules at its edge: one step less or more of any default changes one of these stories.

Edges that another story already stands on are not told again; together the tests of this folder notice a change of
any limit of the bundled pack and of the constants of core.
"""

from dataclasses import replace
from itertools import pairwise

import pytest

from pi_companion.core.cues import Arbiter, Nudge
from pi_companion.core.effects import CallCard, CueShown, MuteChanged, NudgeShown, PaceMeasured, PressMute, SetLeds
from pi_companion.core.facts import RingLineChanged, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.limits import Limits
from pi_companion.core.pace import PaceMeter, Reading
from pi_companion.core.phrases import Match, Spotter
from pi_companion.core.screens import nudge as nudge_screen
from pi_companion.core.screens import praise as praise_screen
from pi_companion.core.settings import CompiledPhrase, Family, Rule, Scope, Token
from pi_companion.core.spurts import Began, Ended, SpurtDetector, SpurtLimits
from pi_companion.core.states import PaceBar, ScreenName
from tests.core.desk import STATION, Desk, bundled_pack, words
from tests.core.test_holds import asked, consented

PACK = bundled_pack().limits


def test_the_bundled_pack_writes_out_the_defaults() -> None:
    assert Limits() == PACK


# Pace


def speaks(desk: Desk, chars: int, over_ms: int, nuclei: int = 0) -> None:
    """An outbound call in which so many characters are recognised, and nuclei heard, as the agent speaks once."""
    desk.hook(3000, off=True)
    began, side = 4000, Side.AGENT
    ended = began + over_ms
    desk.deliver(
        TalkSpurtBegan(at=began, side=side, began=began),
        WordsHeard(at=ended, side=side, words=words("天" * chars, began, ended), is_final=True),
        TalkSpurtEnded(at=ended, side=side, began=began, ended=ended, level_dbfs=-20, nuclei=nuclei),
    )


@pytest.mark.parametrize(
    ("chars", "over_ms", "pace", "nudged"),
    [
        (68, 12000, 340, []),
        (68, 11964, 341, ["语速偏快"]),
        (18, 12000, 90, []),
        (18, 12100, 89, ["语速偏慢"]),
        (50, 7999, 375, []),
        (50, 8000, 375, ["语速偏快"]),
    ],
)
def test_a_pace_is_nudged_past_the_edge_of_the_band_after_eight_seconds(
    chars: int, over_ms: int, pace: int, nudged: list[str]
) -> None:
    desk = Desk()
    speaks(desk, chars, over_ms)
    assert [effect.chars_per_min for effect in desk.all(PaceMeasured)] == [pace]
    assert [effect.text for effect in desk.all(NudgeShown)] == nudged


def test_the_bar_shows_the_band_and_the_manuals_target() -> None:
    desk = Desk()
    desk.answered_call()
    assert desk.screen().bar == PaceBar(value=None, slow_below=90, fast_above=340, target=120)


def test_pace_looks_back_for_twelve_seconds_of_speech() -> None:
    meter = PaceMeter(PACK.pace, connected_at=0)
    meter.spurt(0, 10000, recognised=10, nuclei=0)
    meter.spurt(20000, 31000, recognised=60, nuclei=0)
    assert meter.recent() == Reading(chars_per_min=305, over_ms=12000)


def test_pace_is_silent_before_fifteen_characters() -> None:
    meter = PaceMeter(PACK.pace, connected_at=0)
    meter.spurt(0, 3000, recognised=14, nuclei=0)
    assert meter.recent() is None
    meter.spurt(4000, 5000, recognised=1, nuclei=0)
    assert meter.recent() == Reading(chars_per_min=180, over_ms=5000)


@pytest.mark.parametrize(
    ("chars", "nuclei", "pace"), [(34, 67, [335]), (34, 20, [170]), (10, 30, [150]), (10, 31, [150]), (0, 60, [])]
)
def test_the_sound_adds_what_was_not_recognised_up_to_three_times_the_words(
    chars: int, nuclei: int, pace: list[int]
) -> None:
    desk = Desk()
    speaks(desk, chars, 12000, nuclei)
    assert [effect.chars_per_min for effect in desk.all(PaceMeasured)] == pace


# Waiting and mute


def answers(desk: Desk, over_ms: int) -> int:
    """The customer answers without a clear word for so long; return when that was known."""
    began = asked(desk) + 600
    at, side = began + over_ms + 400, Side.CUSTOMER
    desk.deliver(
        TalkSpurtBegan(at=began, side=side, began=began),
        TalkSpurtEnded(at=at, side=side, began=began, ended=began + over_ms, level_dbfs=-20),
    )
    return at


def test_an_answer_of_a_second_and_a_half_is_asked_about_and_a_longer_one_is_not() -> None:
    for over_ms, screen in ((1500, ScreenName.CONFIRM), (1501, ScreenName.CONSENT)):
        desk = Desk()
        answers(desk, over_ms)
        assert desk.screens()[-1] is screen


def test_the_agent_has_eight_seconds_to_confirm() -> None:
    desk = Desk()
    at = answers(desk, 1000)
    desk.wait_until(at + 7999)
    assert desk.screens()[-1] is ScreenName.CONFIRM
    desk.wait_until(at + 8000)
    assert desk.all(CueShown)[-1].text == "请再问一次"


def test_a_lamp_that_turns_back_800_ms_after_the_press_is_disputed_and_later_is_the_agent() -> None:
    for after_ms, state in ((800, "disputed"), (801, "live")):
        desk = Desk()
        at = consented(desk)
        desk.lamp(at + 60, lit=True)
        desk.lamp(at + after_ms, lit=False)
        assert str(desk.all(MuteChanged)[-1].state) == state


def test_the_contact_is_asked_to_close_for_120_ms() -> None:
    desk = Desk()
    consented(desk)
    assert [press.pulse_ms for press in desk.all(PressMute)] == [120]


def test_a_phone_whose_key_wants_another_pulse_gets_that_one() -> None:
    desk = Desk(replace(STATION, mute_pulse_ms=80))
    consented(desk)
    assert [press.pulse_ms for press in desk.all(PressMute)] == [80]


# Goodbye


def test_a_goodbye_counts_for_thirty_seconds() -> None:
    for after_ms, counts in ((30000, True), (30001, False)):
        desk = Desk()
        ended = desk.says(Side.AGENT, desk.answered_call(), "谢谢您的来电再见")
        desk.hook(ended + after_ms, off=False)
        assert desk.all(CallCard)[0].closing is counts


# Lights


def test_a_light_is_leased_for_ten_seconds_and_renewed_at_half_of_it() -> None:
    desk = Desk()
    desk.deliver(RingLineChanged(at=1000, is_active=True))
    desk.wait_until(3900)
    desk.deliver(RingLineChanged(at=3900, is_active=False))
    desk.wait_until(6041)
    assert [(effect.at, effect.lease_until) for effect in desk.all(SetLeds)] == [(1040, 11040), (6040, 16040)]


# Cues


def nudge(rule: str, text: str = "换个说法") -> Nudge:
    return Nudge(rule=rule, text=text, screen=nudge_screen(text, ""))


def shows(arbiter: Arbiter, at: int, *rules: str, text: str = "换个说法") -> list[str]:
    """Let the time be `at`, offer these at once, and return which was shown."""
    arbiter.pass_deadline(at)
    for each in rules:
        arbiter.offer(nudge(each, text))
    return [effect.rule for effect in arbiter.settle(at, is_covered=False) if isinstance(effect, NudgeShown)]


def test_the_next_nudge_comes_after_a_minute() -> None:
    arbiter = Arbiter(PACK.cueing)
    assert [shows(arbiter, at, rule) for at, rule in ((0, "A"), (59999, "B"), (60000, "C"))] == [["A"], [], ["C"]]


def test_the_same_nudge_comes_again_after_two_minutes() -> None:
    arbiter = Arbiter(PACK.cueing)
    assert [shows(arbiter, at, "A") for at in (0, 119999, 120000)] == [["A"], [], ["A"]]


def test_a_nudge_stays_four_seconds_or_a_fifth_of_a_second_a_character() -> None:
    for chars, stays_ms in ((19, 4000), (20, 4000), (21, 4200)):
        arbiter = Arbiter(PACK.cueing)
        shows(arbiter, 0, "A", text="我" * chars)
        assert arbiter.deadline() == stays_ms


def test_praise_stays_a_second_and_a_half() -> None:
    arbiter = Arbiter(PACK.cueing)
    arbiter.praise(0, "RING-2", "致歉到位", praise_screen("致歉到位"))
    assert arbiter.deadline() == 1500


def test_of_what_comes_at_once_the_manual_decides_what_is_worth_most() -> None:
    rules = ["EMO-1", "PROMISE", "TABOO-BYE", "OPEN-1", "SAY-WAIT", "LISTEN-1", "TIME-1", "LISTEN-2"]
    rules += ["CLOSE-3", "RING-4", "VOICE-1", "POSTURE-1", "OUT-1"]
    for better, worse in pairwise(rules):
        assert shows(Arbiter(PACK.cueing), 0, worse, better) == [better]


# Phrases


def phrase(*tokens: Token, text: str = "phrase") -> CompiledPhrase:
    return CompiledPhrase(text=text, tokens=tokens)


def rule(*phrases: CompiledPhrase, excused_by: tuple[CompiledPhrase, ...] = ()) -> Rule:
    return Rule(
        id="TEST",
        family=Family.TABOO,
        side=Side.AGENT,
        scope=Scope.CALL,
        title="",
        say="",
        phrases=phrases,
        excused_by=excused_by,
    )


def said(sounds: str, began: int = 0) -> tuple[Word, ...]:
    """One word of 100 ms for each letter."""
    return tuple(
        Word(
            text=sound,
            syllables=(sound,),
            began=began + 100 * place,
            ended=began + 100 * place + 100,
            confidence_pct=100,
        )
        for place, sound in enumerate(sounds)
    )


def spelled(sounds: str) -> CompiledPhrase:
    return phrase(*(Token(costs_pm={sound: 0}) for sound in sounds))


def hears(spotter: Spotter, sounds: str, began: int = 0) -> tuple[Match, ...]:
    spotter.begin(began)
    return spotter.hear(said(sounds, began), is_final=True)


@pytest.mark.parametrize(
    ("length", "worst_pm"), [(1, 0), (2, 0), (3, 300), (4, 400), (5, 800), (6, 960), (7, 1400), (8, 1600)]
)
def test_a_phrase_may_be_so_wrong_and_not_a_thousandth_of_a_syllable_more(length: int, worst_pm: int) -> None:
    for cost_pm, is_heard in ((worst_pm, True), (worst_pm + 1, False)):
        rest = [Token(costs_pm={"a": 0})] * (length - 1)
        shares = [cost_pm] if length == 1 else [cost_pm // 2, cost_pm - cost_pm // 2]
        wrong = [Token(costs_pm={"b": share}) for share in shares]
        spotter = Spotter([rule(phrase(*rest[: length - len(wrong)], *wrong))], PACK.spotting)
        assert bool(hears(spotter, "a" * (length - len(wrong)) + "b" * len(wrong))) is is_heard


def test_a_syllable_too_many_costs_six_tenths_and_a_missing_one_eight() -> None:
    for sounds, score_pm in (("abcdxefgh", 925), ("abcefgh", 900)):
        (match,) = hears(Spotter([rule(spelled("abcdefgh"))], PACK.spotting), sounds)
        assert match.score_pm == score_pm


def test_a_phrase_goes_on_after_a_pause_of_nine_tenths_of_a_second() -> None:
    for pause_ms, is_heard in ((900, True), (901, False)):
        spotter = Spotter([rule(spelled("abcd"))], PACK.spotting)
        hears(spotter, "ab")
        assert bool(hears(spotter, "cd", 200 + pause_ms)) is is_heard


def test_a_phrase_goes_on_only_over_sixty_syllables_of_short_pauses() -> None:
    for before, is_heard in ((59, True), (60, False)):
        spotter = Spotter([rule(spelled("abcd"))], PACK.spotting)
        hears(spotter, "x" * (before - 2) + "ab")
        assert bool(hears(spotter, "cd", 100 * before)) is is_heard


def test_a_polite_form_excuses_a_fault_heard_up_to_a_tenth_better() -> None:
    for cost_pm, is_fault in ((400, False), (404, True)):
        polite = phrase(Token(costs_pm={"z": cost_pm}), *(Token(costs_pm={sound: 0}) for sound in "abc"))
        spotter = Spotter([rule(spelled("abc"), excused_by=(polite,))], replace(PACK.spotting, least_score_pm=(500,)))
        assert bool(hears(spotter, "zabc")) is is_fault


# Talk spurts


def test_speech_needs_80_ms_ends_after_400_and_is_cut_at_thirty_seconds() -> None:
    detector = SpurtDetector(SpurtLimits())
    voiced = {*range(20, 81, 20), *range(600, 32000, 20)}
    found = [
        (at, change) for at in range(20, 32000, 20) if (change := detector.flag(at, is_voiced=at in voiced)) is not None
    ]
    assert found[:4] == [
        (80, Began(began=0)),
        (480, Ended(began=0, ended=80)),
        (660, Began(began=580)),
        (30580, Ended(began=580, ended=30580)),
    ]
