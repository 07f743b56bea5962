"""Which screen is that picture? What the agent reads, from what arrived in the panel's memory.

Nothing is recognised: screens are drawn and compared, whole, wherever the picture was moved against burn-in.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from PIL import Image

from pi_companion.adapters.draw import draw
from pi_companion.core import out_of_service, screens
from pi_companion.core.limits import Pace, Ringing
from pi_companion.core.settings import Station
from pi_companion.core.states import Screen, ScreenName
from pi_companion.live import starts
from pi_companion.packs import load_pack

OTHER: Final = "a screen of another story"
DARK: Final = "(dark)"
TIMER: Final = "mm:ss"
_LONGEST_S: Final = 45
_RINGS: Final = 12

Key = tuple[tuple[int, int], bytes]


def name_of(picture: Image.Image) -> ScreenName | None:
    """Return which screen a picture is; None: none that is known here."""
    screen = screen_of(picture)
    return screen.name if screen else None


def words_of(picture: Image.Image) -> str:
    """Return what a picture says, a running timer as mm:ss."""
    if picture.getbbox() is None:
        return DARK
    screen = screen_of(picture)
    if screen is None:
        return OTHER
    timed = {ScreenName.IN_CALL: 0, ScreenName.MUTED: 1}.get(screen.name)
    lines = [TIMER if place == timed else line for place, line in enumerate(screen.lines)]
    return " · ".join(line for line in lines if line)


def sequence(pictures: list[Image.Image]) -> list[str]:
    """Return what pictures say in their order, the same again left out."""
    said: list[str] = []
    for picture in pictures:
        if (words := words_of(picture)) not in said[-1:]:
            said.append(words)
    return said


def screen_of(picture: Image.Image) -> Screen | None:
    """Return the screen of a picture; None: none that is known here."""
    key = _key(picture)
    if (found := _still().get(key)) is not None:
        return found
    return next((screen for second in range(_LONGEST_S) for at, screen in _timed(second) if at == key), None)


def _key(picture: Image.Image) -> Key:
    box = picture.getbbox()
    lit = picture.crop(box) if box else picture
    return lit.size, lit.tobytes()


@cache
def _still() -> dict[Key, Screen]:
    return {_key(draw(screen)): screen for screen in _still_screens()}


def _still_screens() -> Iterator[Screen]:
    texts = load_pack(None, names={"agent_name": ""}).texts
    yield from (out_of_service.starting(attempt) for attempt in range(1, starts.MOST + 1))
    yield from (out_of_service.stopped(), out_of_service.restarting())
    yield from (out_of_service.cannot_start(reason, starts.RETRY_MIN) for reason in out_of_service.REASONS)
    yield from (screens.idle(texts, Station()), screens.speech_off(texts), screens.apologise(texts))
    yield from (screens.ringing(texts, rings, Ringing()) for rings in range(1, _RINGS + 1))
    for part in ("tap", "seat", "oled", "lamp", "sides", "speech"):
        yield screens.fault(texts[f"fault.{part}.title"], texts[f"fault.{part}.hint"])
    yield from (screens.consent(texts[name], "") for name in ("mute.pressing", "mute.unpressing"))
    yield from (screens.script(texts, text) for name, text in texts.items() if name.startswith("outbound."))
    for hint in (text for name, text in texts.items() if name.startswith(("mute.", "hold."))):
        yield screens.mute_unconfirmed(texts, hint)


@cache
def _timed(second: int) -> list[tuple[Key, Screen]]:
    """Return the screens that show a timer, at one second of it, before any pace is known."""
    texts = load_pack(None, names={"agent_name": ""}).texts
    in_call = [
        screens.in_call(texts, second * 1000, None, Pace(), is_muted=is_muted, is_speech_off=is_off)
        for is_muted in (True, False, None)
        for is_off in (True, False)
    ]
    muted = [screens.muted(texts, second * 1000, hint) for hint in (texts["mute.hint"], "")]
    return [(_key(draw(screen)), screen) for screen in (*in_call, *muted)]
