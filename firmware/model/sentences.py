"""Which sentences are synthesised for training: helpdesk talk, the pack's phrases, numbers, and words of every sound.

Pure and deterministic: the same random generator and the same texts give the same sentences. Sentences consist of
Chinese characters and `，`, which is spoken as a short pause.
"""

import hashlib
import random
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_CHARACTERS = re.compile(r"[\u4e00-\u9fff]+")
_GAP = re.compile(r"…\d*")
_CHOICE = re.compile(r"\(([^()|]*)(?:\|[^()]*)?\)")
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_PLACES = (  # noqa: SIM905 - read as a row
    "财务处 人事处 教务处 图书馆 行政楼 宿舍 实验室 办公室 会议室 后勤处 学生处 医务室 保卫处 "
    "信息中心 研究所 食堂 前台 仓库 车间 档案室"
).split()
_THINGS = (  # noqa: SIM905 - as above
    "电脑 打印机 网络 邮箱 密码 鼠标 键盘 显示器 投影仪 扫描仪 系统 软件 账号 无线网 网线 "
    "电话 摄像头 硬盘 内存 浏览器 文件夹 共享盘 杀毒软件 办公软件 操作系统 驱动程序 服务器 "
    "路由器 交换机 插座 电源 屏幕 音箱 耳机 桌面 图标 数据 备份"
).split()
_FAULTS = (  # noqa: SIM905 - as above
    "打不开 连不上 没有反应 很慢 坏了 死机了 蓝屏了 登录不了 打印不出来 卡纸了 没有声音 不显示 "
    "自动重启 找不到了 提示错误 无法识别 被锁定了 过期了 收不到邮件 发不出去 安装不了 需要更新 "
    "中毒了 掉线了 闪退 黑屏"
).split()
_DIGITS = "零一二三四五六七八九"


def held_out(sentence: str) -> bool:
    """Whether a sentence is kept out of training text, to be evaluated unseen: one in eight, by its hash."""
    return hashlib.sha256(sentence.encode()).digest()[0] < 32


def clauses(text: str) -> list[str]:
    """The runs of 2 to 24 characters of a text, each once, in its order; held-out ones left out."""
    found = (run for run in _CHARACTERS.findall(text) if 2 <= len(run) <= 24)
    return list(dict.fromkeys(clause for clause in found if not held_out(clause)))


def unseen(text: str, phrases: Sequence[str], count: int = 60) -> list[str]:
    """Sentences that no training text has: held-out clauses of a text and held-out new ones, no phrase of the pack."""
    found = [run for run in _CHARACTERS.findall(text) if 4 <= len(run) <= 24 and held_out(run) and run not in phrases]
    rng = random.Random(count)  # noqa: S311 - choices, not secrets
    while len(found) < count:
        sentence = _slots(rng)
        if held_out(sentence):
            found.append(sentence)
    return list(dict.fromkeys(found))[:count]


def pack_phrases(pack: Path) -> list[str]:
    """The phrases of a rule pack as they may be spoken: gaps closed, the first of several wordings, names left out."""
    with pack.open("rb") as file:
        rules = tomllib.load(file).get("rule", [])
    phrases: list[str] = []
    for rule in rules:
        for written in (*rule.get("phrases", ()), *rule.get("excused_by", ())):
            plain = _CHOICE.sub(r"\1", _GAP.sub("", re.sub(r"\{[a-z_]+\}", "", written)))
            phrases.append("，".join(_CHARACTERS.findall(plain)))
    return [phrase for phrase in dict.fromkeys(phrases) if len(phrase) >= 2]


def _digits(rng: random.Random) -> str:
    return "".join(rng.choice(_DIGITS) for _ in range(rng.choice((3, 3, 4, 4, 5, 6, 8, 11))))


def _number(rng: random.Random) -> str:
    ten, one = rng.randint(2, 9), rng.randint(0, 9)
    unit = rng.choice(("分钟", "点", "号", "楼", "天", "个", "台", "次", "块"))
    return f"{_DIGITS[ten]}十{_DIGITS[one] if one else ''}{unit}"


def _slots(rng: random.Random) -> str:
    thing, fault, place = rng.choice(_THINGS), rng.choice(_FAULTS), rng.choice(_PLACES)
    name = rng.choice(_SURNAMES) + rng.choice(("先生", "小姐", "女士", "老师", "工", "经理", "主任", "处长"))
    forms = (
        f"{thing}{fault}",
        f"我是{place}的，{thing}{fault}怎么办",
        f"{name}您好，您的{thing}是什么时候{fault}",
        f"请问{name}在吗，{place}的{thing}{fault}",
        f"工单号是{_digits(rng)}",
        f"电话号码是{_digits(rng)}，请您核对",
        f"分机{_digits(rng)}，{name}",
        f"大概需要{_number(rng)}，请您稍等",
        f"请您重启一下{thing}，看看是不是还{fault}",
        f"{place}{_number(rng)}，{thing}{fault}",
        f"{name}说{thing}已经修好了",
        f"我帮您转到{place}，请不要挂机",
    )
    return rng.choice(forms)


def sentences(
    rng: random.Random, helpdesk: Sequence[str], phrases: Sequence[str], word: Callable[[random.Random], str]
) -> Iterator[str]:
    """Sentences without end: 4 in 10 of helpdesk clauses, then slots, pack phrases, and words that `word` draws."""
    while True:
        kind = rng.random()
        if kind < 0.4:
            sentence = "，".join(rng.sample(helpdesk, rng.choice((1, 1, 2))))
        elif kind < 0.6:
            sentence = _slots(rng)
        elif kind < 0.75:
            sentence = "，".join(rng.sample(phrases, 2))
        else:
            sentence = ""
            while len(sentence) < rng.randint(4, 12):
                sentence += word(rng)
        if not held_out(sentence):
            yield sentence[:30]
