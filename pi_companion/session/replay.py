"""What does a call folder give? One replay: folder in, event stream out, on real speech processing.

The simulated desk phone and board are asked for by name here: replaying is what they are for (law 10).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pi_companion import __version__, config
from pi_companion.adapters.typesetting import TextDoesNotFit
from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.bench.player import CallPlayer, Wait
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact, Part, PartLost, Side, WordsHeard
from pi_companion.core.settings import Pack
from pi_companion.core.spurts import SpurtLimits
from pi_companion.errors import PackError
from pi_companion.session.codec import FORMAT, Encoder, Event
from pi_companion.session.folder import CallFolder, SeatReading, read_audio
from pi_companion.session.scripted import hearing
from pi_companion.shell import NewMind, Perform, Watch
from pi_companion.speech import grammar
from pi_companion.speech.bands import BandedEar, Hears
from pi_companion.speech.ear import Ear, Recogniser, Voice
from pi_companion.speech.models import Model

CHUNK_BYTES = 64000  # one second of both sides; any other length gives the same events

NewVoice = Callable[[], Voice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a replay runs on. `model` and `loaded` None: speech recognition is off, and the device says so."""

    site: config.Site
    model: Model | None
    loaded: Any
    new_voice: NewVoice = WebRtcVoice
    wrap_recogniser: Callable[[Recogniser], Recogniser] = field(default=lambda recogniser: recogniser)


def no_wait(_at: int) -> None:
    """Go on at once."""


def real_time(now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> Wait:
    """Return a wait that keeps session time and wall-clock time together, from now on."""
    began = now()

    def wait(at: int) -> None:
        sleep(max(0.0, began + at / 1000 - now()))

    return wait


def replay(
    folder: CallFolder,
    device: Device,
    emit: Callable[[Event], None],
    *,
    wait: Wait = no_wait,
    is_text_shown: bool = False,
    chunks: Iterable[bytes] | None = None,
    heard: Iterable[Fact] | None = None,
    performers: Sequence[Perform] = (),
    watchers: Sequence[Watch] = (),
    new_mind: NewMind = Companion,
) -> int:
    """Play a folder through the device; `emit` takes every event in order. Return the session's length in ms.

    `wait` sets the pace; `chunks` replaces the way the folder's audio is cut, `heard` the hearing itself: facts of a
    replay before, in order of time. `performers` and `watchers` see effects and facts too; `new_mind` makes what
    decides. Raises `PackError` if a text that is due does not fit the panel.
    """
    has_seat = any(isinstance(line, SeatReading) for line in folder.lines)
    overrides = {"mute_lamp": folder.phone.mute_lamp, "seat_sensor": has_seat, **folder.station}
    station = config.merged_station(device.site, overrides)
    pack = config.pack_of(
        config.with_limits(device.site, folder.limits, source=str(folder.path / "call.toml")), station
    )
    encoder = Encoder()

    def report(effect: Effect) -> None:
        event = encoder.encode(effect)
        if event is not None:
            emit(event)

    def show_text(fact: Fact) -> None:
        if isinstance(fact, WordsHeard) and fact.words:
            emit(_heard(fact))

    emit(
        {
            "at": 0,
            "kind": "header",
            "format": FORMAT,
            "version": __version__,
            "model": device.model.name if device.model else None,
            "pack": f"{pack.name} {pack.version}",
            "settings_sha256": config.sha256(device.site, pack, station),
        }
    )
    ears: dict[Side, Hears] = {
        side: BandedEar(side, Ear(side, device.new_voice(), _recogniser(device, pack, side), SpurtLimits()))
        for side in Side
    }
    initial = [PartLost(at=0, part=Part.SPEECH, detail="no speech model")] if device.model is None else []
    player = CallPlayer(
        folder,
        new_mind(pack, station),
        ears,
        _seconds(read_audio(folder)) if chunks is None else chunks,
        heard=hearing(folder.script, is_understood=device.model is not None, lost=folder.unheard)
        if heard is None
        else heard,
        performers=(report, *performers),
        watchers=(show_text, *watchers) if is_text_shown else tuple(watchers),
    )
    try:
        with player:
            return player.play(*initial, wait=wait)
    except TextDoesNotFit as error:
        raise PackError(device.site.pack_path or "bundled pack", [f"does not fit the OLED: {error}"]) from error


def _recogniser(device: Device, pack: Pack, side: Side) -> Recogniser | None:
    if device.model is None or device.loaded is None:
        return None
    return device.wrap_recogniser(grammar.recogniser(device.loaded, device.model.path, pack, side))


def _heard(fact: WordsHeard) -> Event:
    return {
        "at": fact.at,
        "kind": "heard",
        "side": str(fact.side),
        "text": "".join(word.text for word in fact.words),
        "began": fact.words[0].began,
        "ended": fact.words[-1].ended,
        "final": fact.is_final,
    }


def _seconds(audio: bytes) -> Iterator[bytes]:
    for start in range(0, len(audio), CHUNK_BYTES):
        yield audio[start : start + CHUNK_BYTES]
