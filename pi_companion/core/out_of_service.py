"""What does the OLED say while no companion runs? That it is starting, stopped, restarting, or unable to start.

The words are here and not in a rule pack: they come before a pack is read, and when none can be read. Keeps law 10:
what is not known is not said; the phone itself works without the device, and the screens say so.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pi_companion.core.states import Screen, ScreenName


class Reason(StrEnum):
    """Why a start failed, as far as the device can tell; what is not in the list is a defect."""

    SETTINGS = "settings"
    PACK = "pack"
    MODEL = "model"
    PINS = "pins"
    MEMORY = "memory"
    HANG = "hang"
    DEFECT = "defect"


REASONS: Final[Mapping[Reason, str]] = {
    Reason.SETTINGS: "设置文件有误",
    Reason.PACK: "规则包有误",
    Reason.MODEL: "语音模型有误",
    Reason.PINS: "引脚无法使用",
    Reason.MEMORY: "内存不足",
    Reason.HANG: "程序没有响应",
    Reason.DEFECT: "程序出错",
}
"""What the agent reads, and reads out to whoever mends it."""

WORKS: Final = "电话照常使用"


def starting(attempt: int) -> Screen:
    """The device was switched on, or tries again: `attempt` counts from 1."""
    hint = "请稍候" if attempt <= 1 else f"第{attempt}次 请稍候"
    return Screen(name=ScreenName.STARTING, lines=("正在启动", hint))


def stopped() -> Screen:
    """Stopped on purpose; nothing more will come."""
    return Screen(name=ScreenName.STOPPED, lines=("已停止", WORKS))


def restarting() -> Screen:
    """Ended without being asked to; it starts again at once."""
    return Screen(name=ScreenName.STOPPED, lines=("即将重启", WORKS))


def cannot_start(reason: Reason, retry_min: int) -> Screen:
    """Given up for now: why, and when it is tried again."""
    return Screen(name=ScreenName.CANNOT_START, lines=("无法启动", REASONS[reason], f"请报修，{retry_min}分钟后重试"))
