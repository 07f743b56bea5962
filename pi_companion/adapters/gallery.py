"""What does every screen look like? The core's own screens in the pack's words, as PNG, README sheet and goldens.

`wordings.py` has the rest: each text of a pack on its screen, which `require_fit` draws, too.

`python -m pi_companion.adapters.gallery FOLDER` writes NAME.png, NAME@4x.png and the contact sheet all.png. After a
change that is meant, look at them, then make the golden pictures anew (they come without the enlarged copies):

    python -m pi_companion.adapters.gallery tests/adapters/golden --scale 1
"""

import argparse
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

from PIL import Image

from pi_companion.adapters.draw import HEIGHT, WIDTH, draw
from pi_companion.adapters.typesetting import TextDoesNotFit
from pi_companion.adapters.unworded import numbered, unworded
from pi_companion.adapters.wordings import LONGEST, wordings
from pi_companion.core import screens
from pi_companion.core.cues import Shown
from pi_companion.core.effects import CallCard
from pi_companion.core.facts import Part, Side
from pi_companion.core.settings import Pack, Rule, Station
from pi_companion.core.states import Screen
from pi_companion.errors import PackError
from pi_companion.packs import load_pack
from pi_companion.packs.texts import filled


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
        well=("RING-1", "OPEN-1", "HOLD-3", "HOLD-4", "TIME-1", "CLOSE-1"),
    )
    bad = replace(
        good,
        rings=6,
        taboo=3,
        closing=False,
        chars_per_min=None,
        apology_due=True,
        apology_given=False,
        well=("OPEN-1", "TIME-1"),
        improve=("RING-1", "RING-2", "SAY-WAIT", "CLOSE-1"),
    )
    remind = texts["hold.remind"].replace("{seconds}", "60")
    measured = Shown(at=0, rule="VOICE-1", title=texts["nudge.pace_fast.title"], heard="")
    heard = {
        f"why-{rule.id.lower()}": screens.why(
            texts, replace(measured, rule=rule.id, title=rule.title, heard=rule.phrases[0].text), 12000
        )
        for rule in _by_id(pack, ("SAY-WAIT", "TABOO-SHIRK"))
    }
    return {
        "idle": screens.idle(texts, station),
        "idle-one-side": screens.idle(texts, replace(station, customer_side=False)),
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
        "nudge-call-time": screens.nudge(texts["time.limit"], ""),
        **{f"nudge-{rule.id.lower()}": screens.nudge(rule.title, rule.say) for rule in _by_id(pack, _SHOWN_RULES)},
        "consent": screens.consent(texts["hold.waiting"], texts["hold.waiting_hint"]),
        "confirm": screens.confirm(texts),
        "pressing": screens.consent(texts["mute.pressing"], ""),
        "muted": screens.muted(texts, 12000, texts["mute.hint"]),
        "muted-by-hand": screens.muted(texts, 12000, ""),
        "muted-long": screens.muted(texts, 60000, remind),
        "mute-unconfirmed": screens.mute_unconfirmed(texts, texts["mute.by_hand"]),
        "mute-assumed": screens.mute_unconfirmed(texts, texts["mute.assumed"]),
        "mute-assumed-still": screens.mute_unconfirmed(texts, texts["mute.still"]),
        "mute-assumed-long": screens.mute_unconfirmed(texts, remind),
        "unpressing": screens.consent(texts["mute.unpressing"], ""),
        "script": screens.script(texts, texts["hold.apologise"]),
        "script-outbound": screens.script(texts, texts["outbound.ask"]),
        "ask-again": screens.nudge(texts["hold.ask_again"], texts["hold.ask_again_say"]),
        "not-muted": screens.nudge(texts["one_side.not_muted"], texts["one_side.not_muted_say"]),
        "refused": screens.nudge(texts["hold.refused"], texts["hold.refused_hint"]),
        "card-good": screens.call_card(texts, good),
        "card-bad": screens.call_card(texts, bad),
        "speech-off": screens.speech_off(texts),
        **{f"fault-{part}": screens.fault(texts[f"fault.{part}.title"], texts[f"fault.{part}.hint"]) for part in Part},
        **{f"lead-{side}": screens.fault(texts[f"lead.{side}.title"], texts[f"lead.{side}.hint"]) for side in Side},
        "away": screens.away(texts, 754000),
        "call-snoozed": screens.in_call(
            texts, 205000, 168, limits.pace, is_muted=False, is_speech_off=False, is_snoozed=True
        ),
        "call-one-side": screens.in_call(
            texts, 205000, 168, limits.pace, is_muted=False, is_speech_off=False, is_one_sided=True
        ),
        **heard,
        "why-measured": screens.why(texts, measured, 754000),
        **_worded(pack),
        **numbered(pack, station),
        **unworded(),
    }


def _worded(pack: Pack) -> dict[str, Screen]:
    """Return those of the pack's own texts that show a layout: all of a kind, or the first few."""
    found = wordings(pack, {"seconds": "8", "minutes": "16"})
    shown: dict[str, Screen] = {}
    for beginning, (name, most) in _WORDED.items():
        screens_of_kind = [screen for place, screen in found.items() if place.startswith(beginning)]
        shown |= {f"{name}-{number}": screen for number, screen in enumerate(screens_of_kind[:most], 1)}
    nudges = {place: screen for place, screen in found.items() if place.startswith("texts.nudge.")}
    return shown | {place[6:-6].replace(".", "-").replace("_", "-"): screen for place, screen in nudges.items()}


def require_fit(pack: Pack, station: Station, source: Path | None) -> None:
    """Raise PackError with every text of a pack, or name of a station, that does not fit the panel."""
    if found := complaints(pack, station):
        raise PackError(source or "bundled rule pack, for this station", found)


def complaints(pack: Pack, station: Station, known: Collection[Screen] = ()) -> list[str]:
    """Return what of a pack's wording does not fit the panel, each with its place; empty if all is well.

    `known`: screens that were tried before.
    """
    found = []
    # Of two names for one picture the later one is told: the text's place in the pack rather than the sample.
    pictures = {screen: name for name, screen in checked(pack, station).items() if screen not in known}
    for screen, name in pictures.items():
        try:
            draw(screen)
        except TextDoesNotFit as error:
            found.append(f"{name}: {error}")
    return found


def checked(pack: Pack, station: Station) -> dict[str, Screen]:
    """Return every screen that must fit, with the longest values that the core fills in."""
    texts, longest_ms = pack.texts, 10_000_000
    remind = filled(texts["hold.remind"], LONGEST)
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
        well=tuple(f"WELL-{number}" for number in range(99)),
        improve=tuple(f"IMPROVE-{number}" for number in range(99)),
    )
    return {
        **samples(pack, station),
        "the longest call card": screens.call_card(texts, long_card),
        **{f"unconfirmed, {hint}": screens.mute_unconfirmed(texts, hint) for hint in (*hints, remind)},
        **{f"muted, {hint}": screens.muted(texts, longest_ms, hint) for hint in (*hints, remind)},
        **wordings(pack),
    }


def _by_id(pack: Pack, ids: Collection[str]) -> Iterable[Rule]:
    first: dict[str, Rule] = {}
    for rule in pack.rules:
        first.setdefault(rule.id, rule)
    return [first[each] for each in ids if each in first]


_WORDED: Final[Mapping[str, tuple[str, int]]] = {
    "texts.closing": ("script-closing", 1),
    "wishes.": ("script-wish", 2),
    "texts.silent.": ("silent-call", 3),
    "texts.praise.": ("praise", 9),
    "the checklist": ("checklist", 1),
    "reminder[": ("reminder", 9),
    "answer ": ("answer", 5),
    "texts.snooze.": ("snoozed", 2),
    "texts.calibrate.": ("calibration", 4),
}
"""Beginnings of places in `wordings`: their name here, and how many are shown."""

_SHOWN_RULES: Final = ("SAY-WAIT", "SAY-INFO", "SAY-UNKNOWN", "SAY-DEVICE", "TABOO-CHALLENGE", "PROMISE", "TABOO-BYE")

SAMPLE_STATION: Final = Station(agent_name="王晓明", extension="6021")


class _Samples(Mapping[str, Screen]):
    """Made when they are first looked at: the live device, which imports this, never does."""

    @cached_property
    def _made(self) -> Mapping[str, Screen]:
        return samples(load_pack(None, names=SAMPLE_STATION.names), SAMPLE_STATION)

    def __getitem__(self, name: str) -> Screen:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


SAMPLES: Final[Mapping[str, Screen]] = _Samples()
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


def contact_sheet(pictures: Mapping[str, Image.Image], *, columns: int = 6, scale: int = 2) -> Image.Image:
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
