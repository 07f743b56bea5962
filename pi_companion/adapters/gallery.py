"""What does every screen look like? Realistic samples, drawn to PNG for the README and as golden pictures.

`python -m pi_companion.adapters.gallery FOLDER` writes NAME.png, NAME@4x.png and the contact sheet all.png. After a
change that is meant, look at them, then make the golden pictures anew (they come without the enlarged copies):

    python -m pi_companion.adapters.gallery tests/adapters/golden --scale 1
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from pi_companion.adapters.draw import HEIGHT, WIDTH, draw
from pi_companion.core.effects import PaceBar, Screen, ScreenName


def _bar(value: int | None) -> PaceBar:
    return PaceBar(value=value, slow_below=90, fast_above=340, target=120)


def _screen(
    name: ScreenName, *lines: str, bar: PaceBar | None = None, is_microphone_muted: bool | None = None
) -> Screen:
    return Screen(name=name, lines=lines, bar=bar, is_microphone_muted=is_microphone_muted)


_N = ScreenName
_CARD_GOOD = ("铃声 2", "通话 03:25", "等候 00:22", "语速 168", "禁语 0", "开头 ✓", "结尾 ✓", "致歉 —")
_CARD_BAD = ("铃声 6", "通话 09:02", "等候 01:47", "语速 —", "禁语 3", "开头 ✓", "结尾 ✗", "致歉 ✗")

SAMPLES: Mapping[str, Screen] = {
    "idle": _screen(_N.IDLE, "待机", "王晓明", "6021"),
    "idle-agent": _screen(_N.IDLE, "待机", "欧阳思源", ""),
    "idle-bare": _screen(_N.IDLE, "待机", "", ""),
    "ringing-1": _screen(_N.RINGING, "1", "请接听"),
    "ringing-3": _screen(_N.RINGING, "3", "请尽快接听"),
    "ringing-6": _screen(_N.RINGING, "6", "已超四声"),
    "ringing-12": _screen(_N.RINGING, "12", "已超四声"),
    "apologise": _screen(_N.APOLOGISE, "先致歉", "抱歉让您久等了"),
    "call-live": _screen(_N.IN_CALL, "03:25", "通话中", "168字/分", bar=_bar(168), is_microphone_muted=False),
    "call-fast": _screen(_N.IN_CALL, "07:48", "通话中", "372字/分", bar=_bar(372), is_microphone_muted=False),
    "call-muted": _screen(_N.IN_CALL, "03:41", "通话中", "168字/分", bar=_bar(168), is_microphone_muted=True),
    "call-microphone-unknown": _screen(_N.IN_CALL, "00:52", "通话中", "124字/分", bar=_bar(124)),
    "call-no-pace-yet": _screen(_N.IN_CALL, "00:04", "通话中", "", bar=_bar(None), is_microphone_muted=False),
    "call-speech-off": _screen(_N.IN_CALL, "12:09", "通话中", "", "语音关", is_microphone_muted=False),
    "nudge-wait": _screen(_N.NUDGE, "不说“等一下”", "请您稍等一下,好吗?"),
    "nudge-fast": _screen(_N.NUDGE, "语速偏快", ""),
    "nudge-interrupt": _screen(_N.NUDGE, "请勿打断", "您请说"),
    "nudge-info": _screen(_N.NUDGE, "不直接问工号", "麻烦您告诉我一下您的工号(联系电话),可以吗?"),
    "nudge-promise": _screen(_N.NUDGE, "不承诺时间", "我会把您的紧急情况转告工程师,请他尽快联系您"),
    "nudge-longest": _screen(
        _N.NUDGE, "不说“我不知道”", "很抱歉,这个问题我暂时无法答复,我咨询相关人员后给您回复,好吗?"
    ),
    "nudge-greeting": _screen(_N.NUDGE, "报名", "您好,电脑中心王晓明为您服务"),
    "nudge-waiting": _screen(_N.NUDGE, "客户已等60秒,回去说一声", ""),
    "consent": _screen(_N.CONSENT, "等客户同意…", "同意后自动静音"),
    "confirm": _screen(_N.CONFIRM, "客户同意了吗?", "同意:按恢复键"),
    "muted": _screen(_N.MUTED, "已静音", "00:12", "回来先说抱歉", is_microphone_muted=True),
    "mute-unconfirmed": _screen(_N.MUTE_UNCONFIRMED, "静音?", "请手动静音"),
    "mute-pressing": _screen(_N.MUTE_UNCONFIRMED, "恢复通话中…", "请看话机静音灯"),
    "script": _screen(_N.SCRIPT, "请说", "抱歉,让您久等了"),
    "script-ask-again": _screen(_N.SCRIPT, "请再问一次", "请您稍等,不要挂机,帮您咨询一下,好吗?"),
    "script-silent-call": _screen(_N.SCRIPT, "请说", "您好!请问有什么可以帮您?"),
    "script-longest": _screen(_N.SCRIPT, "请说", "对不起,您的电话没有声音,请您换一部电话或稍后再打过来,好吗?再见!"),
    "card-good": _screen(_N.CALL_CARD, "通话小结", *_CARD_GOOD),
    "card-bad": _screen(_N.CALL_CARD, "通话小结", *_CARD_BAD),
    "speech-off": _screen(_N.SPEECH_OFF, "语音识别已关", "铃声、静音键照常", "请装语音模型"),
    "fault": _screen(_N.FAULT, "录音卡断开", "请检查USB线"),
    "fault-lamp": _screen(_N.FAULT, "静音灯失联", "静音以话机为准"),
}
"""At least one screen of every name, with the longest texts the manual asks for."""


def write(directory: Path, scale: int = 4) -> list[Path]:
    """Write every sample as NAME.png and NAME@{scale}x.png, and all of them as all.png; return the paths.

    Everything is drawn before anything is written, and every file appears whole or not at all.
    """
    pictures = {name: draw(screen) for name, screen in SAMPLES.items()}
    files: dict[Path, Image.Image] = {}
    for name, picture in pictures.items():
        files[directory / f"{name}.png"] = picture
        if scale > 1:
            files[directory / f"{name}@{scale}x.png"] = _enlarged(picture, scale)
    files[directory / "all.png"] = contact_sheet(pictures)
    directory.mkdir(parents=True, exist_ok=True)
    for path, image in files.items():
        partial = path.with_name(f".{path.name}.partial")
        try:
            image.save(partial, format="PNG", optimize=True)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return list(files)


def contact_sheet(pictures: Mapping[str, Image.Image], *, columns: int = 4, scale: int = 3) -> Image.Image:
    """Return the pictures in a grid, each in a thin frame, lit pixels pale blue as on the usual panel."""
    back, frame, dark, lit = range(4)
    border, gap = 6, 14
    wide, high = WIDTH * scale + 2 * border, HEIGHT * scale + 2 * border
    rows = -(-len(pictures) // columns)
    sheet = Image.new("P", (columns * (wide + gap) + gap, rows * (high + gap) + gap), back)
    sheet.putpalette((24, 27, 33, 70, 76, 88, 6, 8, 12, 198, 232, 255))
    for number, picture in enumerate(pictures.values()):
        left = gap + number % columns * (wide + gap)
        top = gap + number // columns * (high + gap)
        sheet.paste(frame, (left - 1, top - 1, left + wide + 1, top + high + 1))
        sheet.paste(dark, (left, top, left + wide, top + high))
        sheet.paste(lit, (left + border, top + border), mask=_enlarged(picture, scale))
    return sheet


def _enlarged(picture: Image.Image, scale: int) -> Image.Image:
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def main() -> None:
    """Write the gallery into the folder named on the command line and print what was written."""
    parser = argparse.ArgumentParser(description="Draw every OLED screen to PNG.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=int, default=4, help="enlarged copies by this factor; 1: none")
    chosen = parser.parse_args()
    for path in write(chosen.folder, chosen.scale):
        print(path)


if __name__ == "__main__":
    main()
