"""How does a call happen at the desk in the guest? A recorded call folder, in the guest's real time, on real lines.

The phone is the same model as on the bench (`bench.phone`), but what it sees of the device is the kernel's level of
the MUTE contact, and what the device sees of it are pulls at lines and a sound card.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from pi_companion.bench.phone import DeskPhone
from pi_companion.core.facts import Button
from pi_companion.session import folder as call
from tests.guest.parts import Board, Card, Oled, Seen

STEP_S: Final = 0.004
"""How often the lines are looked at: a pulse's width is known to two of these."""

_BUTTON_MS: Final = 80
_HELD_AGAIN_MS: Final = 20
OUTPUTS: Final = ("green", "amber", "red", "mute", "mute_contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The panel's memory changed. `at`: session milliseconds."""

    at: int
    image: Image.Image


@dataclass(slots=True, kw_only=True)
class Record:
    """What was seen since `began`, milliseconds of the desk; all times in it are counted from there."""

    began: int = 0
    lines: list[Seen] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    phone: list[tuple[int, bool]] = field(default_factory=list)
    """When the phone was muted or live again: the truth, whatever is shown."""

    def pictures_between(self, began: int, ended: int) -> list[Image.Image]:
        return [each.image for each in self.pictures if began <= each.at <= ended]


class Desk:
    """A desk phone wired to the board's lines, with a hand that lifts the handset and a mouth on the sound card."""

    def __init__(self, board: Board, oled: Oled, card: Card, phone: DeskPhone | None = None) -> None:
        self.board, self.oled, self.card = board, oled, card
        self.phone = phone or DeskPhone()
        self.record = Record()
        self._began = time.monotonic()
        self._levels = dict.fromkeys(OUTPUTS, False)
        self._transfers = -1
        self._pulled_at = 0
        self._let_go: dict[str, int] = {}
        for line in ("ring", "hook", "mute_lamp", "busy_lamp", *Button):
            board.drive(line, is_active=False)
        self.phone.watch(self._follow)

    @property
    def now(self) -> int:
        """Milliseconds since this desk began."""
        return int((time.monotonic() - self._began) * 1000)

    def play(self, folder: call.CallFolder, until: Callable[[], bool] = lambda: False) -> Record:
        """Play a call folder from its beginning, audio and lines; return what was seen, times from its beginning.

        Ends with the audio, or as soon as `until` is so.
        """
        length_ms = len(call.read_audio(folder)) // 64
        player = self.card.play(folder.audio) if folder.audio else None
        self.record = Record(began=self.now)
        try:
            self._pass(iter(folder.lines), length_ms, until)
        finally:
            if player is not None:
                player.terminate()
                player.wait()
        return self.record

    def watch(self, for_ms: int, until: Callable[[], bool] = lambda: False) -> Record:
        """Let time pass, the phone at work; stop early if it is so."""
        end = self.now + for_ms
        while self.now < end and not until():
            self.step()
            time.sleep(STEP_S)
        return self.record

    def step(self) -> None:
        """Look at every output once, let the phone do what it does, and note what changed."""
        now = self.now
        at = now - self.record.began
        for line, was_on in self._levels.items():
            if (is_on := self.board.is_on(line)) is not was_on:
                self._levels[line] = is_on
                self.record.lines.append(Seen(at=at, line=line, is_on=is_on))
                if line == "mute_contact":
                    self.phone.contact(now, is_on)
        self.phone.advance(now)
        for line in [line for line, at in self._let_go.items() if at <= now]:
            del self._let_go[line]
            self.board.drive(line, is_active=False)
        if now - self._pulled_at >= _HELD_AGAIN_MS:
            self._pulled_at = now
            self.board.hold()
            self._look()

    def press(self, button: Button) -> None:
        """Press a button of the device, and let go a little later."""
        self.board.drive(button, is_active=True)
        self._let_go[button] = self.now + _BUTTON_MS

    def _pass(self, wires: Iterator[call.LineEvent], length_ms: int, until: Callable[[], bool]) -> None:
        wire = next(wires, None)
        while (at := self.now - self.record.began) < length_ms and not until():
            while wire is not None and wire.at <= at:
                self._happen(wire)
                wire = next(wires, None)
            self.step()
            time.sleep(STEP_S)

    def _happen(self, wire: call.LineEvent) -> None:
        now = self.now
        match wire:
            case call.RingEdge():
                self.phone.ring(now, wire.is_active)
            case call.HookEdge():
                self.phone.hook(now, wire.is_off_hook)
            case call.BusyLampEdge():
                self.phone.busy_lamp(now, wire.is_lit)
            case call.PhoneMuteKey() if wire.is_pressed:
                self.phone.own_mute_key(now)
            case call.ButtonPress():
                self.press(wire.button)
            case _:
                pass

    def _follow(self, at: int) -> None:
        """The phone changed: its lines do."""
        muted_before = self.record.phone[-1][1] if self.record.phone else False
        if self.phone.is_muted is not muted_before:
            self.record.phone.append((at - self.record.began, self.phone.is_muted))
        self.board.drive("ring", is_active=self.phone.is_ringing)
        self.board.drive("hook", is_active=self.phone.is_off_hook)
        self.board.drive("mute_lamp", is_active=self.phone.is_lamp_lit)
        self.board.drive("busy_lamp", is_active=self.phone.is_busy_lamp_lit)

    def _look(self) -> None:
        transfers = self.oled.transfers()
        if transfers == self._transfers:
            return
        self._transfers = transfers
        image = self.oled.picture()
        if not self.record.pictures or self.record.pictures[-1].image.tobytes() != image.tobytes():
            self.record.pictures.append(Picture(at=self.now - self.record.began, image=image))
