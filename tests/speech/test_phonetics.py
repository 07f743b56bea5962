"""Does hanzi become the right syllables, and the phrase grammar the right places?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from pi_companion.core.settings import CompiledPhrase, Token
from pi_companion.speech.phonetics import MOST_EXPANSIONS, PhraseError, compile_phrase, cost_pm, syllables
from pi_companion.speech.syllables import SYLLABLES, costs_pm

NAMES = {"agent_name": "小李"}
syllable = st.sampled_from(sorted(SYLLABLES))


def compiled(text: str, **names: str) -> tuple[CompiledPhrase, ...]:
    return compile_phrase(text, names=names or NAMES)


def wordings(text: str, **names: str) -> list[str]:
    return [phrase.text for phrase in compiled(text, **names)]


def drawn(text: str, **names: str) -> list[str]:
    """Each wording as its places: right syllables joined by /, optional ones in brackets, a gap's places as …"""
    return [" ".join(_place(token) for token in phrase.tokens) for phrase in compiled(text, **names)]


def _place(token: Token) -> str:
    if token.is_any:
        return "…"
    right = "/".join(sound for sound, cost in token.costs_pm.items() if cost == 0)
    return f"[{right}]" if token.is_optional else right


def test_readings_follow_the_words_around_a_character() -> None:
    assert syllables("重启便携机不行银行") == ("chong", "qi", "bian", "xie", "ji", "bu", "xing", "yin", "hang")


def test_digits_are_read_one_by_one_and_letters_are_left_out() -> None:
    assert syllables("USB 口,8012号!") == ("kou", "ba", "ling", "yi", "er", "hao")


def test_a_hum_has_a_vowel() -> None:
    assert syllables("嗯") == ("en",)


def test_every_common_character_is_read_as_a_known_syllable() -> None:
    gb2312 = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    characters = [code.decode("gb2312", "ignore") for code in gb2312]
    assert {sound for char in characters for sound in syllables(char)} - SYLLABLES == set()


def test_a_table_row_is_a_spelling_that_pinyin_has() -> None:
    """Rare readings are in the table too, so not every row is some character's first reading."""
    first = {sound for code in range(0x4E00, 0xA000) for sound in lazy_pinyin(chr(code))}
    assert len(SYLLABLES - first) < 20


@given(syllable, syllable)
def test_costs_are_symmetric_bounded_and_zero_only_for_the_same_word(one: str, other: str) -> None:
    cost = cost_pm(one, other)
    assert cost == cost_pm(other, one)
    assert 0 <= cost <= 1000
    assert (cost == 0) == (one == other or {one, other} in ({"ni", "nin"}, {"ma", "me"}))


@given(syllable)
def test_what_may_stand_in_a_place_is_every_syllable_that_is_not_wholly_wrong(expected: str) -> None:
    listed = {heard: cost_pm(expected, heard) for heard in SYLLABLES if cost_pm(expected, heard) < 1000}
    assert dict(costs_pm(frozenset({expected}))) == listed


@pytest.mark.parametrize(
    ("likelier", "rarer"),
    [
        (("ni", "nin"), ("ni", "li")),
        (("ni", "li"), ("ni", "mi")),
        (("si", "shi"), ("si", "ci")),
        (("xin", "xing"), ("xin", "xian")),
        (("fan", "fang"), ("fan", "fen")),
        (("bang", "pang"), ("bang", "lang")),
        (("hui", "fei"), ("hui", "lei")),
        (("lian", "liang"), ("lian", "ning")),
        (("cheng", "cen"), ("cheng", "gan")),
    ],
)
def test_a_common_mix_up_costs_less_than_a_rare_one(likelier: tuple[str, str], rarer: tuple[str, str]) -> None:
    assert cost_pm(*likelier) < cost_pm(*rarer)


def test_spelling_does_not_hide_a_sound() -> None:
    """-ian after y is spelled an, ü after j is spelled u: yan is near jian's rhyme, ju is not near gu."""
    assert [cost_pm("yan", "yang"), cost_pm("ju", "ji"), cost_pm("ju", "gu"), cost_pm("zhi", "ji")] == [
        cost_pm("lian", "liang"),
        cost_pm("lv", "li"),
        1000,
        1000,
    ]


def test_two_confusions_in_one_syllable_add_up() -> None:
    assert cost_pm("zeng", "zhen") == cost_pm("zeng", "zheng") + cost_pm("zheng", "zhen")


def test_plain_text_is_one_wording_and_punctuation_makes_no_place() -> None:
    assert drawn("抱歉,让您久等了。") == ["bao qian rang ni/nin jiu deng le/liao"]


def test_alternatives_stand_for_each_wording_in_order() -> None:
    assert wordings("(谢谢|感谢)您(的来电|)") == ["谢谢您的来电", "谢谢您", "感谢您的来电", "感谢您"]


def test_alternatives_may_hold_gaps_and_alternatives() -> None:
    assert wordings("祝您(周末|(国庆|春)…1节)愉快") == ["祝您周末愉快", "祝您国庆…节愉快", "祝您春…节愉快"]


@pytest.mark.parametrize(("gap", "places"), [("…", 6), ("……", 6), ("...", 6), ("…3", 3), ("……2", 2), ("…9…5", 14)])
def test_a_gap_is_that_many_places_where_anything_may_stand(gap: str, places: int) -> None:
    assert drawn(f"请{gap}等") == [f"qing {'… ' * places}deng"]


def test_a_gap_is_reported_as_one_sign() -> None:
    assert wordings("谢谢…9…3再见") == ["谢谢…再见"]


def test_a_number_is_one_to_three_syllables() -> None:
    (phrase,) = compiled("{number}分钟")
    assert [token.is_optional for token in phrase.tokens] == [False, True, True, False, False]
    assert all(phrase.tokens[0].costs_pm[sound] == 0 for sound in syllables("零一二两三四五六七八九十百半几"))
    assert phrase.text == "几分钟"


def test_the_agents_name_is_filled_in() -> None:
    assert drawn("电脑中心{agent_name}", agent_name="8号小李") == ["dian nao zhong xin ba hao xiao li"]


@pytest.mark.parametrize("name", ["", "Lily"])
def test_a_name_that_cannot_be_heard_is_left_out(name: str) -> None:
    assert compiled("您好…2{agent_name}…1为您", agent_name=name) == compiled("您好…3为您")


def test_a_gap_at_an_end_is_no_place() -> None:
    assert compiled("您好…2{agent_name}", agent_name="") == compiled("您好")


def test_chinese_brackets_and_bars_are_the_same_marks() -> None:
    assert compiled("（谢谢｜感谢）……再见") == compiled("(谢谢|感谢)…再见")


def test_one_syllable_must_be_read_exactly_and_two_need_not() -> None:
    assert [(phrase.text, phrase.literal) for phrase in (*compiled("喂!"), *compiled("喂喂"))] == [
        ("喂!", "喂"),
        ("喂喂", ""),
    ]


def test_a_character_with_two_readings_may_be_heard_either_way() -> None:
    assert drawn("处理不了") == ["chu li bu le/liao"]


def test_unreported_single_characters_become_one_place() -> None:
    (phrase,) = compile_phrase("(收|看)到", names={}, is_reported=False)
    assert [phrase.tokens[0].costs_pm[sound] for sound in ("shou", "kan")] == [0, 0]
    assert len(phrase.tokens) == 2


def test_places_with_the_same_syllables_share_their_costs() -> None:
    (phrase,) = compiled("慢慢")
    assert phrase.tokens[0].costs_pm is phrase.tokens[1].costs_pm


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("(好|好的", "a bracket ( is not closed"),
        ("好)", ") has no partner"),
        ("好|行", "alternatives | stand in brackets: (a|b)"),
        ("{name}您好", "{name} is not known; allowed: {agent_name}, {number}"),
        ("{您好", "{ has no partner"),
        ("插USB口", "letters have no reading: USB; write them as hanzi are said"),
        ("…3", "says nothing that could be heard"),
        ("!", "says nothing that could be heard"),
        ("(好|)", "says nothing that could be heard"),
        (
            "(零|一|二|三|四)(零|一|二|三|四)(零|一|二|三|四)",
            f"stands for more than {MOST_EXPANSIONS} wordings; write it as several phrases with fewer alternatives",
        ),
        (
            "(你好|您好|大家)(一|二|三|四|五)(好的|好吧|好啊|好呀|好)",
            f"stands for more than {MOST_EXPANSIONS} wordings; write it as several phrases with fewer alternatives",
        ),
    ],
)
def test_a_phrase_that_cannot_be_understood_says_why(text: str, complaint: str) -> None:
    with pytest.raises(PhraseError) as raised:
        compiled(text)
    assert str(raised.value) == complaint


@given(st.text(alphabet="好的请等(|)…3.{}numberagt_ ,一", max_size=24))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    try:
        phrases = compiled(text)
    except PhraseError:
        return
    assert all(phrase.tokens and not phrase.tokens[0].is_any and not phrase.tokens[-1].is_any for phrase in phrases)
