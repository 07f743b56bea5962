"""Does the bundled pack hold the manual, fire on what it names, keep still beside it, and tell every mistake?"""

import re
import tomllib
from pathlib import Path

import pytest

from pi_companion.core.facts import Side, Word
from pi_companion.core.limits import Limits
from pi_companion.core.phrases import Spotter
from pi_companion.core.settings import Pack, Rule, Scope
from pi_companion.errors import PackError
from pi_companion.packs import BUNDLED, REQUIRED_TEXTS, Family, load_pack
from pi_companion.speech.phonetics import syllables

NAMES = {"agent_name": "小李"}
PACK = load_pack(names=NAMES)

MANUAL = {  # call-handling.md section 5, row by row; 某某 filled in
    "SAY-WAIT": "你等一会 · 你等一下 · 等一下",
    "SAY-NAME": "你叫什么名字 · 您叫什么名字",
    "SAY-PLACE": "你人在哪里啊 · 你在哪",
    "SAY-INFO": "工号多少 · 电话多少",
    "SAY-TICKET": "维修单号多少呀 · 快说啊",
    "SAY-FLOW": "你知道流程吗 · 你知道流程嘛",
    "SAY-DEVICE": "机子",
    "SAY-KIND": "您是台式机还是便携机",
    "SAY-UNKNOWN": "我不知道 · 我不清楚 · 我怎么会知道 · 我们怎么会知道呢",
    "SAY-CANNOT": "这个我处理不了 · 没法查 · 我没办法 · 我查不到 · 我也没办法",
    "SAY-ABSENT": "他不在",
    "TABOO-HEY": "喂 · 嘿",
    "TABOO-CHALLENGE": (
        "什么怎么样 · 为什么 · 你说什么 · 说什么 · 怎样 · 你到底在说什么 · 你不是要查什么吗 · "
        "你到底想查什么 · 你到底想怎么样 · 你到底要不要查 · 你到底要不要听我说 · 你听不听我说 · "
        "你问我我问谁 · 我态度怎么样 · 我怎么会知道呢我不清楚"
    ),
    "TABOO-ARROGANT": (
        "不行就是不行这是流程 · 我就这样的态度 · 我态度哪里不好你说 · 你问我我问谁 · 没法查我没办法 · "
        "有意见找领导去 · 要告就告去 · 不会用就别用 · 你到底想怎么样 · 你有什么了不起 · "
        "你有没有搞错 · 你这人怎么这样说话 · 你怎么这么啰嗦"
    ),
    "TABOO-SHIRK": (
        "我不清楚我不知道你找财务部地方问 · 这不是我服务范围内的 · 我们公司就是这么规定的 · 这不关我的事 · "
        "这不是我的错 · 没这回事 · 我查不到你拨总机电话去查 · 我没法查我也没办法 · "
        "你自己先查清楚你的分机号再打好吧"
    ),
    "TABOO-BYE": "那就这样 · 挂了 · 我先挂了",
    "PROMISE": (
        "保证修好 · 一定修好 · 肯定解决 · 绝对能到 · 马上到 · 两点之前到 · 十分钟就到 · 半小时就到 · 今天之内就到"
    ),
    "OPEN-1": "您好电脑中心小李为您服务",
    "OPEN-2": "喂 · 喂你好 · 嘿",
    "RING-2": "抱歉让您久等了",
    "HOLD-1": "请您稍等不要挂机帮您咨询一下好吗",
    "HOLD-2": "好 · 好的 · 可以 · 行 · 嗯 · 没问题 · 不行 · 不要 · 等不了",
    "HOLD-3": "抱歉让您久等了",
    "CLOSE-1": "谢谢再见 · 谢谢您的来电再见 · 感谢您的致电再见 · 非常感谢您的致电谢谢您再见",
    "CLOSE-2": "祝您周末愉快 · 祝您国庆节愉快",
}


def words(text: str) -> tuple[Word, ...]:
    """One word per blank-separated piece of `text`, 200 ms a syllable."""
    heard, at = [], 0
    for piece in re.findall(r"[^\s,，。?？!！:：()（）…]+", text):
        if sounds := syllables(piece):
            heard.append(Word(text=piece, syllables=sounds, began=at, ended=at + 200 * len(sounds), confidence_pct=100))
            at = heard[-1].ended
    return tuple(heard)


def spotted(text: str, *rules: Rule) -> list[str]:
    """Return the ids of the rules that an utterance breaks or keeps, in every scope at once."""
    spotter = Spotter(rules, PACK.limits.spotting)
    spotter.begin(0)
    matches = spotter.hear(words(text), is_final=True) + spotter.end()
    return [match.rule.id for match in matches]


def of(*families: Family, pack: Pack = PACK) -> list[Rule]:
    return [rule for rule in pack.rules if rule.family in families]


FAULTS = of(Family.TABOO, Family.PROMISE, Family.OPENING_TABOO)


def edited(folder: Path, *changes: tuple[str, str]) -> Path:
    text = BUNDLED.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaints(folder: Path, *changes: tuple[str, str]) -> tuple[str, ...]:
    with pytest.raises(PackError) as raised:
        load_pack(edited(folder, *changes), names=NAMES)
    return raised.value.complaints


@pytest.mark.parametrize(
    ("rule", "phrase"), [(rule, phrase) for rule, row in MANUAL.items() for phrase in row.split(" · ")]
)
def test_every_phrase_of_the_manual_is_spotted_under_its_rule(rule: str, phrase: str) -> None:
    assert set(spotted(phrase, *(each for each in PACK.rules if each.id == rule))) == {rule}


def test_the_pack_writes_out_every_limit_with_its_default() -> None:
    raw = tomllib.loads(BUNDLED.read_text("utf-8"))["limits"]
    groups = {group: sorted(values) for group, values in raw.items()}
    assert PACK.limits == Limits()
    assert groups == {
        group: sorted(getattr(Limits(), group).__dataclass_fields__) for group in Limits.__dataclass_fields__
    }


def test_the_pack_has_exactly_the_texts_that_the_core_shows() -> None:
    assert sorted(PACK.texts) == sorted(REQUIRED_TEXTS)
    assert len(set(REQUIRED_TEXTS)) == len(REQUIRED_TEXTS)


def test_the_agents_name_is_in_the_greeting_line() -> None:
    assert PACK.texts["nudge.greeting.say"] == "您好，电脑中心小李为您服务"


def test_without_a_name_the_greeting_is_checked_without_it() -> None:
    nameless = load_pack(names={"agent_name": ""})
    assert spotted("您好电脑中心为您服务", *of(Family.GREETING, pack=nameless)) == ["OPEN-1"]


def test_greeting_word_and_unit_are_enough() -> None:
    assert spotted("你好 这里 电脑 中心", *of(Family.GREETING)) == ["OPEN-1"]


@pytest.mark.parametrize("text", ["喂你好", "您好请问有什么可以帮您", "您好这里是财务部", "电脑中心"])
def test_half_a_greeting_is_none(text: str) -> None:
    assert spotted(text, *of(Family.GREETING)) == []


@pytest.mark.parametrize("rule", [rule for rule in PACK.rules if rule.say], ids=lambda rule: f"{rule.id} {rule.title}")
def test_a_line_to_say_instead_is_itself_no_fault(rule: Rule) -> None:
    assert spotted(rule.say, *FAULTS) == []


@pytest.mark.parametrize("text", PACK.texts.values())
def test_a_line_on_the_screen_is_no_fault_when_read_out(text: str) -> None:
    assert spotted(text, *FAULTS) == []


@pytest.mark.parametrize(
    "text",
    """
    请 您 稍等 一下 好 吗
    麻烦 您 等一下
    我 等一下 联系 工程师
    请问 您 为什么 需要 更换 电脑
    请问 您 叫 什么 名字
    请问 您 的 分机号 是 多少
    请问 您 的 联系电话 是 多少
    麻烦 您 告诉 我 一下 您 的 联系电话 是 多少
    请问 您 的 维修单号 是 多少
    请问 您 知道 流程 吗
    请问 您 现在 在 哪个 区域
    您 在 哪个 部门
    请问 您 的 机器 是 台式机 还是 便携机
    您 的 机器 现在 能 开机 吗
    开机 自检 的 时候 报错
    关机 自动 重启
    我 知道 了 我 帮 您 查 一下
    不好意思 他 现在 不在 这边
    它 不再 提示 了
    您 的 电脑 挂了 是 吗
    您 有没有 告诉 工程师
    位置 为 三号楼
    我们 会 尽快 安排 工程师 联系 您
    我 一定 会 尽快 联系 您
    我 会 把 您 的 紧急 情况 转告 工程师 请 他 尽快 联系 您
    您 一定 会 收到 短信
    您 一定 知道 密码
    您 一定 要 今天 提交 维修单
    我们 不能 保证 今天 修好
    工程师 不一定 今天 到
    绝对 不要 关机
    上班 时间 是 八点 到 六点
    请 您 三点 之前 提交 维修单
    等 了 十分钟 还 没有 反应 吗
    十分钟 后 能 看到 邮件
    今天 您 收到 邮件 了 吗
    马上 帮 您 登记
    """.strip().split("\n    "),
)
def test_what_only_resembles_a_fault_is_none(text: str) -> None:
    assert spotted(text, *FAULTS) == []


@pytest.mark.parametrize(
    "text",
    """
    工程师 十分钟 之内 一定 到
    保证 今天 之内 修好
    肯定 能 解决
    我 保证 两点 到
    工程师 马上 就 到
    三点 以前 能 到
    半个 小时 之内 到
    十五分钟 左右 到
    今天 能 到
    """.strip().split("\n    "),
)
def test_a_time_promised_in_other_words_is_a_promise(text: str) -> None:
    assert spotted(text, *FAULTS) == ["PROMISE"]


@pytest.mark.parametrize(
    "text",
    ["我 帮 您 查询 一下 好 吗", "请 您 不要 关机 好 吗", "请 您 稍等 一下 好 吗", "我 咨询 相关 人员 后 给 您 回复"],
)
def test_a_question_that_is_no_consultation_never_leads_to_a_press(text: str) -> None:
    assert spotted(text, *of(Family.HOLD_REQUEST)) == []


@pytest.mark.parametrize(
    "text", ["不 好", "不 可以", "不行", "好 不 好", "行 不 行", "你 好", "好 久 了", "可不可以", "没 关系", "那", "喂"]
)
def test_what_is_no_clear_consent_never_leads_to_a_press(text: str) -> None:
    assert spotted(text, *of(Family.CONSENT)) == []


@pytest.mark.parametrize("text", ["不 好意思 请 等 一下", "对不起 你 等 一下", "不 会 让 您 久等 的", "请 稍等"])
def test_an_aside_while_muted_is_no_apology_for_the_wait(text: str) -> None:
    assert spotted(text, *(rule for rule in PACK.rules if rule.id == "HOLD-3")) == []


def test_bare_retorts_count_only_as_a_whole_utterance() -> None:
    faults = [rule for rule in FAULTS if rule.scope is Scope.WHOLE_UTTERANCE]
    whole = {phrase.text for rule in faults for phrase in rule.phrases}
    assert whole == {"什么怎么样", "你说什么", "说什么", "怎样", "为什么", "挂了"}


def test_nothing_that_the_customer_says_is_a_fault() -> None:
    assert {rule.family for rule in PACK.rules if rule.side is Side.CUSTOMER} == {
        Family.CONSENT,
        Family.REFUSAL,
        Family.COMPLAINT,
        Family.FAREWELL,
        Family.LINE,
        Family.WRONG_PERSON,
    }


def test_every_mistake_in_a_pack_is_told_at_once(tmp_path: Path) -> None:
    families = ", ".join(f'"{family}"' for family in Family)
    assert complaints(
        tmp_path,
        ("format = 1", "format = 2"),
        ("settle_ms = 40", "settle_ms = true"),
        ("green_to = 2", "gren_to = 2"),
        ('idle.title = "待机"', 'idle.titel = "待机"'),
        ("{seconds}秒", "{minutes}分"),
        ('family = "greeting"', 'family = "greetings"'),
        ('phrases = ["喂，你好", "(喂|嘿)"]', 'phrases = ["喂，你好", 3]\nphrase = []'),
    ) == (
        "texts.idle.titel: unknown; did you mean idle.title?",
        "texts.hold.remind: {minutes} is not filled in here; allowed: {agent_name}, {seconds}, {unit}",
        "texts.idle.title: missing",
        "format: found 2; allowed: a whole number, 1 to 1",
        "limits.ringing.settle_ms: found true; allowed: milliseconds, 0 to 500",
        "limits.ringing.gren_to: unknown; did you mean green_to?",
        f'rule[1 OPEN-1].family: found "greetings"; allowed: one of {families}',
        "rule[2 OPEN-2].phrases[2]: found 3; allowed: a text in quotes",
        "rule[2 OPEN-2].phrase: unknown; did you mean phrases?",
    )


@pytest.mark.parametrize("text", ["客户已等{seconds}秒 {", "客户已等}", "{{seconds}}"])
def test_a_brace_that_stands_alone_is_told(text: str, tmp_path: Path) -> None:
    told = complaints(tmp_path, ('hold.remind = "客户已等{seconds}秒，回去说一声"', f'hold.remind = "{text}"'))
    assert told == ("texts.hold.remind: a brace stands alone; write {name} or none",)


def test_limits_that_do_not_fit_together_are_told(tmp_path: Path) -> None:
    told = complaints(tmp_path, ("amber_to = 4", "amber_to = 1"))
    assert told == ("limits.ringing: green_to = 2 is past amber_to = 1; green comes first",)


def test_a_text_to_be_read_aloud_is_one_whose_characters_can_be_counted(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, ("很高兴为您服务，请问", "{unit}为您服务8，请问"))

    assert complaint == "texts.calibrate.read: “unit8” cannot be counted; allowed: Chinese characters"


def test_every_rule_that_makes_no_sense_is_told_at_once(tmp_path: Path) -> None:
    assert complaints(
        tmp_path,
        ('title = "开头说“您好”"', 'title = "开头要先说您好才对"'),
        ('say = "请您稍等一下，好吗？"', f'say = "{"等" * 41}"'),
        ('title = "不说“机子”"', ""),
        ('phrases = ["机子"]', "phrases = []"),
        ('"你等一会", "你等一下"', '"你等一下", "你等一下", "等(一下", "OK"'),
        ('side = "customer"', 'side = "agent"'),
    ) == (
        'rule[2 OPEN-2].title: found "开头要先说您好才对"; allowed: 1 to 8 characters',
        "rule[4 SAY-WAIT].say: 41 characters; allowed: up to 40",
        "rule[4 SAY-WAIT].phrases[2]: “你等一下” is already at rule[4 SAY-WAIT].phrases[1]",
        'rule[10 SAY-DEVICE].title: found ""; allowed: 1 to 8 characters',
        "rule[10 SAY-DEVICE].phrases: empty; a rule listens for at least one phrase",
        'rule[15 SAY-EARLIER].side: found "agent"; family "line" is what the customer says',
        "rule[4 SAY-WAIT].phrases[3]: “等(一下” a bracket ( is not closed",
        "rule[4 SAY-WAIT].phrases[4]: “OK” letters have no reading: OK; write them as hanzi are said",
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "missing"),
        ('idle = "待机"', "unknown; did you mean idle.title?"),
        ('x.y.z = "待机"', "unknown"),
        ("idle.title = 3", "found 3; allowed: 1 to 40 characters in quotes"),
        ('idle.title = ""', 'found ""; allowed: 1 to 40 characters in quotes'),
    ],
)
def test_a_text_that_is_not_there_or_not_text_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    told = complaints(tmp_path, ('idle.title = "待机"', text))
    assert told[0].split(": ", 1)[1].startswith(complaint)


def test_texts_that_are_no_table_are_told(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('format = 1\nname = "x"\nversion = "1"\ntexts = 3\nrule = []\n', encoding="utf-8")
    with pytest.raises(PackError) as raised:
        load_pack(path, names=NAMES)
    assert raised.value.complaints == ("texts: found 3; allowed: a table",)


def test_a_pack_of_ones_own_is_loaded_from_its_file(tmp_path: Path) -> None:
    pack = load_pack(edited(tmp_path, ('name = "it-helpdesk-zh"', 'name = "ours"')), names=NAMES)
    assert (pack.name, len(pack.rules)) == ("ours", len(PACK.rules))


@pytest.mark.rule("CLOSE-2")
@pytest.mark.parametrize("occasion", PACK.wishes)
def test_a_wish_that_is_shown_is_heard_when_it_is_said(occasion: str) -> None:
    (rule,) = (rule for rule in PACK.rules if rule.family is Family.WISH)

    assert spotted(PACK.wishes[occasion], rule) == ["CLOSE-2"]


@pytest.mark.parametrize("wish", PACK.wishes.values(), ids=PACK.wishes)
def test_who_reads_the_wish_from_the_screen_has_wished(wish: str) -> None:
    assert {"CLOSE-1", "CLOSE-2"} <= set(spotted(f"感谢您的来电{wish}再见", *PACK.rules))
