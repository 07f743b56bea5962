"""What does the OLED say to those who look after the device? About its settings, its station, a stick, an update.

The words are here and not in a rule pack, which may be what is wrong. Keeps law 10: what is not known is said, and what
the device does instead.
"""

from enum import StrEnum
from typing import Final

from pi_companion.core.harness import HarnessState
from pi_companion.core.states import Screen, ScreenName

LAST_GOOD, DEFAULTS = "已用上次设置，请改正", "已用默认设置，请改正"
YES, NO = "恢复键 {}", "勿扰键 不用"
LONGEST: Final = 21
"""Characters of a version that fit into a line of the OLED; more of it is not shown."""


class Offer(StrEnum):
    """What a stick has, or may take, that somebody has to say yes to; RESTART is the network's alone."""

    UPDATE = "update"
    LOAD = "load"
    SAVE = "save"
    RESTART = "restart"


def wrong_settings(file: str, line: int, key: str, number: int, of: int, *, is_kept: bool) -> Screen:
    """One of the mistakes in the site's files: which of how many, where it is, and what the device does meanwhile."""
    title = f"设置有误 {number}/{of}" if of > 1 else "设置有误"
    place = f"{file} 第{line}行" if line else file
    return Screen(name=ScreenName.NOTICE, lines=(title, place, key, LAST_GOOD if is_kept else DEFAULTS))


def no_station(state: HarnessState, code: int | None) -> Screen | None:
    """Why the device does not know which station it is at; None while the plug still moves."""
    match state:
        case HarnessState.CHANGING:
            return None
        case HarnessState.MISSING:
            lines = ("未接工位线束", "请插好线束", "")
        case HarnessState.BAD_PARITY | HarnessState.UNUSED:
            lines = ("线束读不出", "请插紧或换一根", "")
        case HarnessState.READ:
            lines = (f"未知工位 {code}", "设置里没有此工位", "")
    return Screen(name=ScreenName.NOTICE, lines=(*lines, "暂用默认设置"))


def changing_station() -> Screen:
    """The plug is another station's, or out: what was on the screen is nobody's any more."""
    return Screen(name=ScreenName.STOPPED, lines=("正在换工位", "请稍候"))


def offer(kind: Offer, what: str) -> Screen:
    """A question about what a stick has: `what` is a version, or the number of a station."""
    match kind:
        case Offer.UPDATE:
            lines = ("发现新版本", what[:LONGEST], YES.format("安装"), NO)
        case Offer.LOAD:
            lines = ("U盘有本工位校准", f"工位 {what}", YES.format("载入"), NO)
        case Offer.SAVE:
            lines = ("存校准到U盘", f"工位 {what}", YES.format("保存"), NO)
        case Offer.RESTART:
            lines = ("新版本已装好", what, YES.format("重启"), NO)
    return Screen(name=ScreenName.QUESTION, lines=lines)


def working(kind: Offer, pct: int) -> Screen:
    """It is being done: how far."""
    if kind is Offer.RESTART:
        return Screen(name=ScreenName.STOPPED, lines=("更新后重启", "电话照常使用"))
    title = {Offer.UPDATE: "正在更新", Offer.LOAD: "正在载入", Offer.SAVE: "正在保存"}[kind]
    return Screen(
        name=ScreenName.PROGRESS, lines=(title, str(pct), "请勿断电" if kind is Offer.UPDATE else "请勿拔U盘")
    )


def ended(kind: Offer, *, is_done: bool) -> Screen:
    """It is done, or could not be."""
    if not is_done:
        failed = {Offer.LOAD: "仍用原来的校准", Offer.SAVE: "U盘不能写入"}.get(kind, "仍用原来的版本")
        return Screen(name=ScreenName.RESULT, lines=("✗", "没有成功", failed))
    hint = {Offer.LOAD: "可以拔下U盘", Offer.SAVE: "可以拔下U盘"}.get(kind, "即将重启")
    return Screen(name=ScreenName.RESULT, lines=("✓", "完成", hint))


def calibration_came() -> Screen:
    """What was learned at this station by another unit has come by network."""
    return Screen(name=ScreenName.RESULT, lines=("✓", "收到本工位校准", "即将重启"))


def updated(version: str, *, is_back: bool) -> Screen:
    """The first start after an update: the new version proved itself, or the old one is back."""
    if is_back:
        return Screen(name=ScreenName.RESULT, lines=("✗", "更新没有成功", f"已回到 {version}"))
    return Screen(name=ScreenName.RESULT, lines=("✓", "更新完成", f"版本 {version}"))


def resetting(seconds: int) -> Screen:
    """Two buttons are held at the start: so many seconds more, and everything that was learned here is wiped."""
    return Screen(name=ScreenName.QUESTION, lines=("清除本机数据", f"{seconds}", "继续按住 清除", "松开 取消"))


def reset() -> Screen:
    """Everything is wiped; the device can go to another desk, or away."""
    return Screen(name=ScreenName.RESULT, lines=("✓", "已清除", "可以断电"))


def numbered(idle: Screen, number: str) -> Screen:
    """Return the idle screen with the station that it is of."""
    state, agent, *rest = idle.lines
    name = f"工位 {number} · {agent}" if agent else f"工位 {number}"
    return Screen(name=idle.name, lines=(state, name, *rest))
