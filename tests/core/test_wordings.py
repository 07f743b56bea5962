"""Wordings that the manual says never to say: whoever says one reads what to say instead (sections 5 and 8)."""

import pytest

from pi_companion.core.effects import NudgeShown
from pi_companion.core.facts import Side
from pi_companion.core.states import Screen, ScreenName
from tests.core.desk import Desk

SAID = [
    ("SAY-WAIT", "你等一会", "不说“等一下”", "请您稍等一下，好吗？"),
    ("SAY-NAME", "您叫什么名字", "换个问法", "请问您怎么称呼？"),
    ("SAY-PLACE", "你人在哪里啊", "换个问法", "请问您现在在哪个区域？"),
    ("SAY-INFO", "工号多少", "加上“麻烦您”", "麻烦您告诉我一下您的工号或联系电话，可以吗？"),
    ("SAY-TICKET", "维修单号多少呀", "加上“麻烦您”", "麻烦您告诉我一下维修单号，可以吗？"),
    ("SAY-FLOW", "你知道流程吗", "加上“请问您”", "请问您知道接下来的流程怎么走吗？"),
    ("SAY-DEVICE", "您的机子坏了", "不说“机子”", "机器"),
    ("SAY-KIND", "您是台式机还是便携机", "问机器不问人", "请问您的机器是台式机还是便携机？"),
    (
        "SAY-UNKNOWN",
        "我不清楚",
        "不说“不知道”",
        "很抱歉，这个问题我暂时无法答复，我咨询相关人员后给您回复，好吗？",
    ),
    ("SAY-CANNOT", "这个我处理不了", "换个说法", "我帮您记录下来，请相关工程师联系您，好吗？"),
    ("SAY-ABSENT", "他不在", "先说“不好意思”", "不好意思，他现在不在这边，请问有什么可以帮您？"),
    ("TABOO-HEY", "嘿", "不说“喂”", "您好"),
    ("TABOO-CHALLENGE", "你到底想查什么", "缓一缓，别反问", ""),
    ("TABOO-ARROGANT", "你怎么这么啰嗦", "请缓和语气", ""),
    ("TABOO-SHIRK", "这不关我的事", "帮客户想办法", "我帮您记录下来，请相关工程师联系您，好吗？"),
    ("PROMISE", "明天一定修好", "不承诺时间", "我会把您的紧急情况转告工程师，请他尽快联系您"),
]


def shown_after(words: str) -> tuple[list[str], Screen]:
    """The rules that are nudged, and the screen, once the agent has said this to a customer."""
    desk = Desk()
    at = desk.says(Side.CUSTOMER, desk.answered_call(), "我的电脑坏了") + 1000
    desk.says(Side.AGENT, at, words)
    return [effect.rule for effect in desk.all(NudgeShown)], desk.screen()


def nudge(*lines: str) -> Screen:
    return Screen(name=ScreenName.NUDGE, lines=lines)


@pytest.mark.rule(
    "SAY-WAIT",
    "SAY-NAME",
    "SAY-PLACE",
    "SAY-INFO",
    "SAY-TICKET",
    "SAY-FLOW",
    "SAY-DEVICE",
    "SAY-KIND",
    "SAY-UNKNOWN",
    "SAY-CANNOT",
    "SAY-ABSENT",
    "TABOO-HEY",
    "TABOO-CHALLENGE",
    "TABOO-ARROGANT",
    "TABOO-SHIRK",
    "PROMISE",
)
@pytest.mark.parametrize(("rule", "words", "title", "instead"), SAID, ids=[rule for rule, *_ in SAID])
def test_who_says_what_is_never_said_reads_what_to_say_instead(rule: str, words: str, title: str, instead: str) -> None:
    assert shown_after(words) == ([rule], nudge(title, instead))


@pytest.mark.rule("LISTEN-4")
@pytest.mark.parametrize("words", ["你说什么", "什么怎么样"])
def test_who_did_not_catch_it_and_asks_rudely_reads_how_to_ask(words: str) -> None:
    instead = "您好，很抱歉，我没有听清您的问题，麻烦您再重复一下，可以吗？"
    assert shown_after(words) == (["TABOO-CHALLENGE"], nudge("没听清，这样说", instead))


@pytest.mark.rule("CLOSE-4", "TABOO-BYE")
@pytest.mark.parametrize("words", ["那就这样", "我先挂了", "那就这样挂了"])
def test_a_rude_goodbye_brings_up_a_polite_one(words: str) -> None:
    assert shown_after(words) == (["TABOO-BYE"], nudge("礼貌结束", "非常感谢您，再见"))
