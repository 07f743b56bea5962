"""Is it consent? Every doubt on its own: other words in a hypothesis, a lost start, length, level, another question."""

from dataclasses import dataclass, replace

from pi_companion.core.effects import CueShown, PhraseSpotted, PressMute
from pi_companion.core.facts import Part, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.states import ScreenName
from tests.core.desk import CHAR_MS, HANGOVER_MS, Desk, words
from tests.core.test_holds import REQUEST, asked, consented, holds, key

Outcome = tuple[list[str], ScreenName]
ASKED_ABOUT: Outcome = ([], ScreenName.CONFIRM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How the customer answered: what each recogniser made of it, how long after the question, how long, how loud."""

    first: str
    second: tuple[str, ...] = ()
    after_ms: int = 600
    took_ms: int = 500
    confidence_pct: int = 100
    level_dbfs: int = -20
    nuclei: int = 0


def answer(desk: Desk, asked_at: int, said: Said) -> int:
    """Let the customer answer the question that ended at `asked_at`; return when that was known."""
    began = asked_at + said.after_ms
    ended = began + said.took_ms
    known = ended + HANGOVER_MS

    def heard(text: str) -> tuple[Word, ...]:
        spread = words(text, began, ended) if text else ()
        return tuple(replace(word, confidence_pct=said.confidence_pct) for word in spread)

    desk.deliver(
        TalkSpurtBegan(at=max(began + 80, asked_at + HANGOVER_MS), side=Side.CUSTOMER, began=began),
        WordsHeard(
            at=known,
            side=Side.CUSTOMER,
            words=heard(said.first),
            is_final=True,
            second=tuple(heard(text) for text in said.second),
        ),
        TalkSpurtEnded(
            at=known,
            side=Side.CUSTOMER,
            began=began,
            ended=ended,
            level_dbfs=said.level_dbfs,
            nuclei=said.nuclei,
        ),
    )
    return known


def outcome(said: Said) -> Outcome:
    """Answer in a call of its own; return what was pressed and the screen."""
    desk = Desk()
    answer(desk, asked(desk), said)
    return [what for what, _at in key(desk)], desk.screens()[-1]


def is_pressed(said: Said) -> bool:
    return "press" in outcome(said)[0]


def test_both_recognisers_that_hear_consent_press() -> None:
    assert is_pressed(Said(first="好的", second=("好的", "号的")))


def test_the_second_recogniser_alone_is_believed_when_it_hears_three_syllables() -> None:
    assert is_pressed(Said(first="你去帮", second=("你去吧", "你去帮")))
    assert outcome(Said(first="他在", second=("好吧", "套代"))) == ASKED_ABOUT


def test_the_first_recogniser_need_only_hear_something_like_the_consent() -> None:
    assert is_pressed(Said(first="可与", second=("可以", "可与")))
    assert outcome(Said(first="可月", second=("可以", "可月"))) == ASKED_ABOUT


def test_consent_may_be_any_of_the_second_recognisers_hypotheses() -> None:
    assert is_pressed(Said(first="好的", second=("号的", "朝的", "好的")))


def test_consent_that_the_second_recogniser_never_thought_of_is_asked_about() -> None:
    assert outcome(Said(first="好的", second=("号朵", "朝的"))) == ASKED_ABOUT


def test_a_refusal_in_any_hypothesis_of_either_recogniser_presses_nothing() -> None:
    for second in (("可以", "不可以"), ("不可以", "可以"), ("可以", "顾可以"), ("可以", "等不了")):
        assert outcome(Said(first="可以", second=second)) == ASKED_ABOUT, second


def test_a_refusal_that_only_the_second_recogniser_is_sure_of_cancels_where_the_first_heard_no_consent() -> None:
    desk = Desk()
    answer(desk, asked(desk), Said(first="五兴", second=("不行", "五兴")))
    assert (holds(desk), key(desk)) == (["requested", "refused"], [])


def test_other_words_that_hold_a_consent_are_not_taken_for_one() -> None:
    for first, second in (("你好", "嗯好"), ("嗯好的", "你好的"), ("好久了", "好的了"), ("可不可以", "可以可以")):
        assert not is_pressed(Said(first=first, second=(first, second), took_ms=800)), first


def test_consent_with_more_said_after_it_is_asked_about_however_long_it_is() -> None:
    text = "好的那麻烦你尽快帮我看一下因为我这边"
    assert outcome(Said(first=text, second=(text,), took_ms=4000)) == ASKED_ABOUT


def test_refusal_after_consent_in_one_utterance_is_a_refusal() -> None:
    desk = Desk()
    text = "好的好的不行我赶时间"
    answer(desk, asked(desk), Said(first=text, second=(text,), took_ms=2000))
    assert (holds(desk), key(desk)) == (["requested", "refused"], [])


def test_a_refusal_before_the_press_is_confirmed_takes_it_back() -> None:
    desk = Desk()
    pressed = consented(desk)
    answer(desk, pressed, Said(first="不行", second=("不行",), after_ms=10, took_ms=150))
    assert holds(desk) == ["requested", "consented", "refused"]


def test_with_one_recogniser_consent_needs_its_confidence() -> None:
    assert is_pressed(Said(first="好的", confidence_pct=90))
    assert outcome(Said(first="好的", confidence_pct=89)) == ASKED_ABOUT


def test_consent_with_more_syllables_than_its_sound_shows_needs_its_confidence() -> None:
    for nuclei, confidence_pct, has_pressed in ((1, 89, False), (1, 90, True), (2, 89, True), (0, 89, True)):
        said = Said(first="可以", second=("可以",), nuclei=nuclei, confidence_pct=confidence_pct)
        assert is_pressed(said) is has_pressed, (nuclei, confidence_pct)


def test_the_end_of_a_refusal_is_asked_about_where_its_start_may_have_been_lost() -> None:
    assert outcome(Said(first="可以", second=("可以",), after_ms=449)) == ASKED_ABOUT
    assert is_pressed(Said(first="可以", second=("可以",), after_ms=450))
    assert is_pressed(Said(first="好的", second=("好的",), after_ms=100))


def test_an_answer_too_long_for_what_was_heard_in_it_is_asked_about() -> None:
    assert is_pressed(Said(first="好的", second=("好的",), took_ms=700))
    assert outcome(Said(first="好的", second=("好的",), took_ms=701)) == ASKED_ABOUT


def test_a_voice_much_quieter_than_the_customers_is_asked_about() -> None:
    for quieter_db, has_pressed in ((12, True), (13, False)):
        desk = Desk()
        at = desk.says(Side.CUSTOMER, desk.answered_call(), "我的电脑开不了机了") + 1000
        level_dbfs = -20 - quieter_db
        answer(desk, desk.says(Side.AGENT, at, REQUEST), Said(first="好的", second=("好的",), level_dbfs=level_dbfs))
        assert bool(desk.all(PressMute)) is has_pressed, quieter_db


def test_the_level_of_the_last_customer_says_nothing_about_this_one() -> None:
    desk = Desk()
    at = desk.says(Side.CUSTOMER, desk.answered_call(), "我的电脑开不了机了") + 1000
    desk.hook(at, off=False)
    desk.hook(desk.rings(1, began=at + 20000) + 500, off=True)
    at = desk.says(Side.AGENT, at + 25000, "您好电脑中心小李为您服务") + 1000
    answer(desk, desk.says(Side.AGENT, at, REQUEST), Said(first="好的", second=("好的",), level_dbfs=-50))
    assert len(desk.all(PressMute)) == 1


def test_a_consent_after_the_agent_has_gone_on_to_something_else_is_asked_about() -> None:
    asked_on_ms = CHAR_MS  # half of 好吗: the request is recognised before it
    for on_ms, has_pressed in ((1000 - asked_on_ms, True), (1001 - asked_on_ms, False)):
        desk = Desk()
        began = asked(desk) + 1000
        ended = began + on_ms
        desk.deliver(
            TalkSpurtBegan(at=began + 80, side=Side.AGENT, began=began),
            TalkSpurtEnded(at=ended + HANGOVER_MS, side=Side.AGENT, began=began, ended=ended, level_dbfs=-20),
        )
        answer(desk, ended, Said(first="好的", second=("好的",)))
        assert bool(desk.all(PressMute)) is has_pressed, on_ms


def test_a_question_asked_again_may_be_answered_again() -> None:
    desk = Desk()
    at = desk.says(Side.AGENT, asked(desk) + 1000, "您的工号是零零八六对吧我记下来了") + 1000
    answer(desk, desk.says(Side.AGENT, at, REQUEST), Said(first="好的", second=("好的",)))
    assert holds(desk)[-1] == "consented"


def test_after_an_unclear_answer_a_clear_one_presses_without_the_button() -> None:
    desk = Desk()
    known = answer(desk, asked(desk), Said(first="好", second=("好",)))
    at = desk.says(Side.AGENT, known + 300, "可以吗")
    answer(desk, at, Said(first="可以", second=("可以",)))
    assert ([cue.text for cue in desk.all(CueShown)][-1], len(desk.all(PressMute))) == ("客户同意了吗？", 1)


def test_what_was_taken_for_consent_is_reported_once_as_the_pack_has_it() -> None:
    desk = Desk()
    answer(desk, asked(desk), Said(first="好的好的", second=("好的好的",), took_ms=900))
    assert [(spotted.rule, spotted.phrase) for spotted in desk.all(PhraseSpotted)][-1] == ("HOLD-2", "好的")


def test_a_refusal_parted_by_a_pause_is_not_taken_for_consent() -> None:
    desk = Desk()
    known = answer(desk, asked(desk), Said(first="不", second=("不",), took_ms=250))
    answer(desk, known, Said(first="可以", second=("可以",)))
    assert (holds(desk), key(desk), desk.screens()[-1]) == (["requested"], [], ScreenName.CONFIRM)


def test_a_sound_before_the_end_of_a_refusal_is_no_start() -> None:
    for text in ("嗯可以", "可以的", "可以谢谢", "行行行"):
        said = Said(first=text, second=(text,), after_ms=449, took_ms=700)
        assert outcome(said) == ASKED_ABOUT, text
        assert is_pressed(replace(said, after_ms=450)), text


def test_a_word_without_a_reading_is_something_said() -> None:
    for has_first, has_second in ((True, False), (False, True), (True, True)):
        desk = Desk()
        began = asked(desk) + 600
        ended = began + 700
        unknown = Word(text="[unk]", syllables=(), began=began, ended=began + 200, confidence_pct=100)
        agreed = words("可以", began + 200, ended)
        first, second = ((unknown, *agreed) if has_unknown else agreed for has_unknown in (has_first, has_second))
        known = ended + HANGOVER_MS
        desk.deliver(
            TalkSpurtBegan(at=began + 80, side=Side.CUSTOMER, began=began),
            WordsHeard(at=known, side=Side.CUSTOMER, words=first, is_final=True, second=(second,)),
            TalkSpurtEnded(at=known, side=Side.CUSTOMER, began=began, ended=ended, level_dbfs=-20),
        )
        assert (key(desk), desk.screens()[-1]) == ([], ScreenName.CONFIRM), (has_first, has_second)


def test_the_agents_own_consent_in_the_customers_channel_is_not_the_customers() -> None:
    echo_ms = 60
    desk = Desk()
    began = asked(desk) + 1500
    desk.deliver(TalkSpurtBegan(at=began + 80, side=Side.AGENT, began=began))
    desk.deliver(TalkSpurtBegan(at=began + 80 + echo_ms, side=Side.CUSTOMER, began=began + echo_ms))
    for side, late_ms in ((Side.AGENT, 0), (Side.CUSTOMER, echo_ms)):
        since, until = began + late_ms, began + late_ms + 500
        known, heard = until + HANGOVER_MS, words("好的", since, until)
        desk.deliver(
            WordsHeard(at=known, side=side, words=heard, is_final=True, second=(heard,)),
            TalkSpurtEnded(at=known, side=side, began=since, ended=until, level_dbfs=-20),
        )
    assert key(desk) == []


def test_with_a_second_recogniser_that_was_not_asked_consent_is_asked_about() -> None:
    text = "好的好的好的好的好的好的"
    assert outcome(Said(first=text, second=("",), took_ms=3600)) == ASKED_ABOUT


def test_after_what_may_have_been_a_refusal_only_the_button_or_a_new_question_leads_to_a_press() -> None:
    desk = Desk()
    known = answer(desk, asked(desk), Said(first="可以", second=("可以", "不可以")))
    consent = Said(first="好的", second=("好的",))
    known = answer(desk, desk.says(Side.AGENT, known + 200, "那我尽快"), consent)
    assert (holds(desk), key(desk), desk.screens()[-1]) == (["requested"], [], ScreenName.CONFIRM)
    answer(desk, desk.says(Side.AGENT, known + 200, REQUEST), consent)
    assert holds(desk)[-1] == "consented"


def test_consent_in_which_the_sound_was_lost_is_asked_about() -> None:
    for is_lost, outcome_ in ((False, True), (True, False)):
        desk = Desk()
        began = asked(desk) + 600
        ended = began + 500
        desk.deliver(TalkSpurtBegan(at=began + 80, side=Side.CUSTOMER, began=began))
        if is_lost:
            desk.loses(ended, Part.TAP)
        heard = words("可以", began, ended)
        desk.deliver(
            WordsHeard(at=ended + 1, side=Side.CUSTOMER, words=heard, is_final=True, second=(heard,)),
            TalkSpurtEnded(at=ended + 1, side=Side.CUSTOMER, began=began, ended=ended, level_dbfs=-20),
        )
        assert (bool(key(desk)), ScreenName.CONFIRM in desk.screens()) == (outcome_, is_lost)


def test_well_yes_after_a_swallowed_no_is_asked_about() -> None:
    for text in ("行吧", "好吧"):
        said = Said(first=text, second=(text,), after_ms=449, took_ms=600)
        assert (outcome(said), is_pressed(replace(said, after_ms=450))) == (ASKED_ABOUT, True), text
