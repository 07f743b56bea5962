"""What does every screen look like? The core's own screens in the pack's words, as PNG, README sheet and goldens.

`python -m pi_companion.adapters.gallery FOLDER` writes NAME.png, NAME@4x.png and the contact sheet all.png. After a
change that is meant, look at them, then make the golden pictures anew (they come without the enlarged copies):

    python -m pi_companion.adapters.gallery tests/adapters/golden --scale 1
"""

import argparse
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from PIL import Image

from pi_companion.adapters.draw import HEIGHT, WIDTH, draw
from pi_companion.adapters.typesetting import TextDoesNotFit
from pi_companion.core import screens
from pi_companion.core.effects import CallCard
from pi_companion.core.facts import Part
from pi_companion.core.settings import Pack, Rule, Station
from pi_companion.core.states import Screen
from pi_companion.errors import PackError
from pi_companion.packs import load_pack


def samples(pack: Pack, station: Station) -> dict[str, Screen]:
    """Return at least one screen of every name as the core makes it, in the pack's words."""
    texts, limits = pack.texts, pack.limits

    def call(ms: int, pace: int | None, *, is_muted: bool | None = False, is_speech_off: bool = False) -> Screen:
        return screens.in_call(texts, ms, pace, limits.pace, is_muted=is_muted, is_speech_off=is_speech_off)

    good = CallCard(
        at=0,
        rings=2,
        talk_ms=205000,
        hold_ms=22000,
        chars_per_min=168,
        taboo=0,
        opening=True,
        closing=True,
        apology_due=False,
        apology_given=None,
        hold_apology_due=True,
        hold_apology_given=True,
    )
    bad = replace(good, rings=6, taboo=3, closing=False, chars_per_min=None, apology_due=True, apology_given=False)
    remind = texts["hold.remind"].replace("{seconds}", "60")
    return {
        "idle": screens.idle(texts, station),
        "idle-bare": screens.idle(texts, Station()),
        "ringing-1": screens.ringing(texts, 1, limits.ringing),
        "ringing-3": screens.ringing(texts, 3, limits.ringing),
        "ringing-6": screens.ringing(texts, 6, limits.ringing),
        "ringing-12": screens.ringing(texts, 12, limits.ringing),
        "apologise": screens.apologise(texts),
        "call-live": call(205000, 168),
        "call-fast": call(468000, 372),
        "call-microphone-unknown": call(52000, 124, is_muted=None),
        "call-no-pace-yet": call(4000, None),
        "call-speech-off": call(729000, None, is_speech_off=True),
        "nudge-greeting": screens.nudge(texts["nudge.greeting.title"], texts["nudge.greeting.say"]),
        "nudge-fast": screens.nudge(texts["nudge.pace_fast.title"], ""),
        "nudge-time": screens.nudge(texts["time.limit"], ""),
        **{f"nudge-{rule.id.lower()}": screens.nudge(rule.title, rule.say) for rule in _by_id(pack, _SHOWN_RULES)},
        "consent": screens.consent(texts["hold.waiting"], texts["hold.waiting_hint"]),
        "confirm": screens.confirm(texts),
        "pressing": screens.consent(texts["mute.pressing"], ""),
        "muted": screens.muted(texts, 12000, texts["mute.hint"]),
        "muted-by-hand": screens.muted(texts, 12000, ""),
        "muted-long": screens.muted(texts, 60000, remind),
        "mute-unconfirmed": screens.mute_unconfirmed(texts, texts["mute.by_hand"]),
        "mute-assumed": screens.mute_unconfirmed(texts, texts["mute.assumed"]),
        "mute-assumed-long": screens.mute_unconfirmed(texts, remind),
        "unpressing": screens.consent(texts["mute.unpressing"], ""),
        "script": screens.script(texts, texts["hold.apologise"]),
        "script-outbound": screens.script(texts, texts["outbound.ask"]),
        "ask-again": screens.nudge(texts["hold.ask_again"], texts["hold.ask_again_say"]),
        "refused": screens.nudge(texts["hold.refused"], ""),
        "card-good": screens.call_card(texts, good),
        "card-bad": screens.call_card(texts, bad),
        "speech-off": screens.speech_off(texts),
        **{f"fault-{part}": screens.fault(texts[f"fault.{part}.title"], texts[f"fault.{part}.hint"]) for part in Part},
    }


def require_fit(pack: Pack, station: Station, source: Path | None) -> None:
    """Raise PackError with every text of a pack, or name of a station, that does not fit the panel."""
    if found := complaints(pack, station):
        raise PackError(source or "bundled rule pack, for this station", found)


def complaints(pack: Pack, station: Station) -> list[str]:
    """Return what of a pack's wording does not fit the panel, each with its place; empty if all is well."""
    texts, longest_ms = pack.texts, 10_000_000
    remind = texts["hold.remind"].replace("{seconds}", "600")
    hints = [texts[f"mute.{hint}"] for hint in ("by_hand", "by_hand_live", "assumed", "look", "hint")]
    long_card = CallCard(
        at=0,
        rings=120,
        talk_ms=longest_ms,
        hold_ms=longest_ms,
        chars_per_min=999,
        taboo=100,
        opening=None,
        closing=False,
        apology_due=True,
        apology_given=True,
        hold_apology_due=False,
        hold_apology_given=None,
    )
    shown = {
        **samples(pack, station),
        "the longest call card": screens.call_card(texts, long_card),
        **{f"unconfirmed, {hint}": screens.mute_unconfirmed(texts, hint) for hint in (*hints, remind)},
        **{f"muted, {hint}": screens.muted(texts, longest_ms, hint) for hint in (*hints, remind)},
        **{f"rule {rule.id} “{rule.title}”": screens.nudge(rule.title, rule.say) for rule in pack.rules if rule.title},
    }
    found = []
    for name, screen in shown.items():
        try:
            draw(screen)
        except TextDoesNotFit as error:
            found.append(f"{name}: {error}")
    return found


def _by_id(pack: Pack, ids: Collection[str]) -> Iterable[Rule]:
    first: dict[str, Rule] = {}
    for rule in pack.rules:
        first.setdefault(rule.id, rule)
    return [first[each] for each in ids if each in first]


_SHOWN_RULES: Final = ("SAY-WAIT", "SAY-INFO", "SAY-UNKNOWN", "SAY-DEVICE", "TABOO-CHALLENGE", "PROMISE", "TABOO-BYE")

SAMPLE_STATION: Final = Station(agent_name="王晓明", extension="6021")
SAMPLES: Final[Mapping[str, Screen]] = samples(load_pack(None, names=SAMPLE_STATION.names), SAMPLE_STATION)
"""The bundled pack's screens, for a made-up agent."""


def write(directory: Path, scale: int = 4, shown: Mapping[str, Screen] | None = None) -> list[Path]:
    """Write every screen as NAME.png and NAME@{scale}x.png, and all of them as all.png; return the paths.

    `shown`: which screens, by name; those of the bundled pack if none are given.

    Everything is drawn before anything is written, and every file appears whole or not at all.
    """
    pictures = {name: draw(screen) for name, screen in (SAMPLES if shown is None else shown).items()}
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
