"""Scripted voices: what an ear on each side would say about them, and when."""

from collections.abc import Iterable

from pi_companion.core.facts import BusyToneHeard, Fact, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.framer import FRAME_MS
from pi_companion.core.spurts import SpurtLimits
from pi_companion.session.scripted import BusyTone, Speech, hearing, words
from pi_companion.speech.ear import Ear


def agent(began: int, ended: int, text: str = "", pitch_hz: tuple[int, int] | None = None) -> Speech:
    return Speech(side=Side.AGENT, began=began, ended=ended, text=text, pitch_hz=pitch_hz)


def spurts(facts: Iterable[Fact]) -> list[tuple[int, int, int]]:
    """Began, ended, known."""
    return [(fact.began, fact.ended, fact.at) for fact in facts if isinstance(fact, TalkSpurtEnded)]


def heard(facts: Iterable[Fact]) -> list[tuple[int, str, bool]]:
    return [
        (fact.at, "".join(word.text for word in fact.words), fact.is_final)
        for fact in facts
        if isinstance(fact, WordsHeard)
    ]


def test_a_voice_is_noticed_grows_word_by_word_and_is_complete_after_the_hangover() -> None:
    said = words("您好", 1000, 1800)

    assert hearing((agent(1000, 1800, "您好"),)) == (
        TalkSpurtBegan(at=1080, side=Side.AGENT, began=1000),
        WordsHeard(at=1400, side=Side.AGENT, words=said[:1], is_final=False),
        WordsHeard(at=1800, side=Side.AGENT, words=said, is_final=False),
        WordsHeard(at=2200, side=Side.AGENT, words=said, is_final=True),
        TalkSpurtEnded(at=2200, side=Side.AGENT, began=1000, ended=1800, level_dbfs=-20, nuclei=2),
    )


def test_a_voice_without_text_is_not_understood() -> None:
    facts = hearing((agent(1000, 1800),))

    assert (heard(facts), spurts(facts)) == ([(2200, "", True)], [(1000, 1800, 2200)])


def test_without_a_recogniser_there_are_spurts_and_no_words() -> None:
    facts = hearing((agent(1000, 1800, "您好"),), is_understood=False)

    assert (heard(facts), spurts(facts)) == ([], [(1000, 1800, 2200)])


def test_a_long_voice_is_cut_every_thirty_seconds() -> None:
    assert spurts(hearing((agent(1000, 62000),))) == [
        (1000, 31000, 31000),
        (31000, 61000, 61000),
        (61000, 62000, 62400),
    ]


def test_the_cut_comes_in_the_hangover_too() -> None:
    assert spurts(hearing((agent(0, 29800),))) == [(0, 29800, 30000)]


def test_what_is_left_after_a_cut_must_be_long_enough_to_be_a_voice() -> None:
    assert [spurts(hearing((agent(0, ended),)))[1:] for ended in (30079, 30080)] == [[], [(30000, 30080, 30480)]]


def test_what_is_said_while_nothing_can_be_heard_is_cut_out() -> None:
    facts = hearing((agent(1000, 5000, "您好电脑中心"),), lost=[(2000, 3000), (4000, None)])

    assert spurts(facts) == [(1000, 2000, 2000), (3000, 4000, 4000)]
    assert [text for _at, text, is_final in heard(facts) if is_final] == ["您", "脑"]


def test_a_voice_that_ended_just_before_nothing_could_be_heard_is_complete_at_once() -> None:
    assert spurts(hearing((agent(1000, 2000),), lost=[(2200, 3000)])) == [(1000, 2000, 2200)]


def test_the_sides_are_heard_in_order_of_time() -> None:
    customer = Speech(side=Side.CUSTOMER, began=1500, ended=4000, text="我的工号是三零二五七八")

    times = [fact.at for fact in hearing((agent(1000, 5000, "您好电脑中心"), customer))]

    assert times == sorted(times)


def test_a_pitch_goes_from_its_lowest_to_its_highest_and_back() -> None:
    (ended,) = [fact for fact in hearing((agent(0, 2000, "", (110, 220)),)) if isinstance(fact, TalkSpurtEnded)]

    pitches = ended.pitches_cents
    assert (len(pitches), pitches[0], max(pitches), pitches[-1]) == (2000 // FRAME_MS, 1200, 2400, 1224)


def test_a_busy_tone_is_known_after_some_bursts() -> None:
    assert hearing((BusyTone(at=1000),)) == (BusyToneHeard(at=2100, began=1000),)


def test_a_busy_tone_that_cannot_be_heard_is_not_known() -> None:
    assert hearing((BusyTone(at=1000),), lost=[(2100, None)]) == ()


class Marked:
    """Takes any frame that is not silent for speech."""

    def is_speech(self, frame: bytes) -> bool:
        return any(frame)


def test_the_times_are_those_of_a_real_ear() -> None:
    """The same voices as sound, through the ear itself."""
    script = (agent(1000, 1080), agent(2000, 31900), agent(32300, 62360), agent(70000, 70500))
    ear = Ear(Side.AGENT, Marked(), None, SpurtLimits())
    frames = range(FRAME_MS, 75000, FRAME_MS)
    is_voiced = [any(said.began < at <= said.ended for said in script if isinstance(said, Speech)) for at in frames]

    told = [fact for at, voiced in zip(frames, is_voiced, strict=True) for fact in ear.hear(at, bytes([voiced]) * 640)]

    def timing(facts: Iterable[Fact]) -> list[tuple[int, type[Fact], int]]:
        return [
            (fact.at, type(fact), fact.began) for fact in facts if isinstance(fact, TalkSpurtBegan | TalkSpurtEnded)
        ]

    assert timing(hearing(script, is_understood=False)) == timing(told)
