"""What does a `Screen` look like? One small layout for each screen name, 128 x 64 pixels, lit or dark.

Keeps law 5: what is unknown is drawn as unknown, what does not fit is refused.
"""

from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw

from pi_companion.adapters import layouts_call, layouts_care, layouts_desk
from pi_companion.adapters.inking import HEIGHT, WIDTH, Pen
from pi_companion.core.states import Screen, ScreenName

__all__ = ["HEIGHT", "LAYOUTS", "WIDTH", "draw"]


def draw(screen: Screen) -> Image.Image:
    """Return the picture of a screen: mode "1", 128 x 64.

    Raises:
        TextDoesNotFit: a text is too long for its place even at 12 px.
        ValueError: the screen has more or fewer lines than its layout.

    """
    picture = Image.new("1", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    LAYOUTS[screen.name](pen, screen)
    return picture


LAYOUTS: Mapping[ScreenName, Callable[[Pen, Screen], None]] = {
    ScreenName.IDLE: layouts_desk.idle,
    ScreenName.RINGING: layouts_call.ringing,
    ScreenName.APOLOGISE: layouts_call.apologise,
    ScreenName.IN_CALL: layouts_call.in_call,
    ScreenName.NUDGE: layouts_call.nudge,
    ScreenName.CONSENT: layouts_call.headline,
    ScreenName.CONFIRM: layouts_call.confirm,
    ScreenName.MUTED: layouts_call.muted,
    ScreenName.MUTE_UNCONFIRMED: layouts_call.mute_unconfirmed,
    ScreenName.SCRIPT: layouts_call.script,
    ScreenName.CALL_CARD: layouts_desk.call_card,
    ScreenName.SPEECH_OFF: layouts_desk.speech_off,
    ScreenName.FAULT: layouts_desk.fault,
    ScreenName.AWAY: layouts_desk.away,
    ScreenName.REMINDER: layouts_desk.reminder,
    ScreenName.SILENT_CALL: layouts_call.silent_call,
    ScreenName.PRAISE: layouts_call.praise,
    ScreenName.CHECKLIST: layouts_desk.checklist,
    ScreenName.ANSWER: layouts_desk.answer,
    ScreenName.WHY: layouts_desk.why,
    ScreenName.SNOOZED: layouts_desk.snoozed,
    ScreenName.CALIBRATION: layouts_desk.calibration,
    ScreenName.STARTING: layouts_desk.out_of_service,
    ScreenName.STOPPED: layouts_desk.out_of_service,
    ScreenName.CANNOT_START: layouts_desk.cannot_start,
    ScreenName.NOTICE: layouts_care.notice,
    ScreenName.QUESTION: layouts_care.question,
    ScreenName.PROGRESS: layouts_care.progress,
    ScreenName.RESULT: layouts_care.result,
}
