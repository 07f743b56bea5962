"""What is on the desk? A card, a panel and a distance sensor that fail when told, each holding a real file open.

Simulated: nothing of it is hardware. The files are there so that a part that is opened again and never let go of shows
up in the count of open files.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator

from PIL import Image

from pi_companion.adapters.oled import Oled
from pi_companion.adapters.seat import Measured
from pi_companion.adapters.tap import Block, Form
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.facts import BusyToneHeard, Fact, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.framer import Frame, Framer
from pi_companion.errors import HardwareError
from tests.soak.clock import Clock, Turn

_STEREO_16_KHZ = 64  # bytes a millisecond


class Phone(DeskPhone):
    """A desk phone whose lamp can be made to lie; `told` hears of every move of the device's contact."""

    def __init__(self, faults: tuple[str, ...], told: Callable[[int, bool], None]) -> None:
        self.lamp: bool | None = None
        self._told_contact = told
        super().__init__(key_delay_ms=60, faults=faults)

    @property
    def is_lamp_lit(self) -> bool:
        return self.is_muted if self.lamp is None else self.lamp

    def lie(self, at: int, lamp: bool | None) -> None:
        """Hold the lamp lit or dark whatever is true; None: it tells the truth again."""
        self.advance(at)
        self.lamp = lamp
        self._tell(at)

    def contact(self, at: int, closed: bool) -> None:
        super().contact(at, closed)
        self._told_contact(at, closed)


class _File:
    def __init__(self) -> None:
        self._handle: int | None = os.open(os.devnull, os.O_RDONLY)

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


class Panel:
    """A panel on a bus. `trouble`: "" none, "nack" each transfer fails, "stuck" none ends before the trouble does."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.trouble = clock, ""
        self.turn: Turn | None = None
        self.shown: bytes | None = None
        self.opened = 0

    def open(self) -> Oled:
        self._transfer()
        self.opened += 1
        return Oled(_Device(self))

    def transfer(self, image: Image.Image | None) -> None:
        self._transfer()
        if image is not None:
            self.shown = image.tobytes()

    def _transfer(self) -> None:
        if self.trouble == "stuck" and self.turn is not None:
            self.turn.sleep(3_600_000, lambda: self.trouble != "stuck")
        if self.trouble == "gone":
            raise HardwareError("OLED: nothing answers (simulated)")
        if self.trouble:
            raise OSError(121, "Remote I/O error (simulated)")


class _Device:
    persist = False

    def __init__(self, panel: Panel) -> None:
        self._panel, self._file = panel, _File()

    def display(self, image: Image.Image) -> None:
        self._panel.transfer(image)

    def contrast(self, level: int) -> None:
        del level
        self._panel.transfer(None)

    def cleanup(self) -> None:
        self._file.close()


class Seat:
    """A distance sensor. `trouble`: "" none, "gone" it does not answer, "blind" it cannot tell."""

    def __init__(self) -> None:
        self.trouble = ""
        self.distance_mm: int | None = None
        self.turn: Turn | None = None
        self.reading_ms = 3500  # slow, and not yet one that hangs

    def open(self) -> "_Sensor":
        if self.trouble == "gone":
            raise HardwareError("distance sensor: nothing answers (simulated)")
        return _Sensor(self)


class _Sensor:
    def __init__(self, seat: Seat) -> None:
        self._seat, self._file = seat, _File()

    def measure(self) -> Measured | None:
        if self._seat.turn is not None:
            self._seat.turn.sleep(self._seat.reading_ms)
        if self._seat.trouble == "gone":
            raise HardwareError("distance sensor: stopped answering (simulated)")
        return None if self._seat.trouble else Measured(distance_mm=self._seat.distance_mm)

    def close(self) -> None:
        self._file.close()


class Card:
    """A stereo card that records silence. `trouble`: "" none, "gone" unplugged, "stalled" no audio comes."""

    def __init__(self) -> None:
        self.trouble = ""
        self.has_overflown = False
        self._opened: _Opened | None = None

    def open(
        self, device: str, second_device: str, deliver: Callable[[int, Block], None], *, has_customer_side: bool
    ) -> "_Opened":
        assert has_customer_side
        assert (device, second_device) == ("", "")
        if self.trouble == "gone":
            raise HardwareError("the sound card is not there (simulated)")
        self._opened = _Opened(self, deliver)
        return self._opened

    def record(self, ms: int) -> None:
        """So much silence has been recorded up to now."""
        if self._opened is not None and not self._opened.is_closed and not self.trouble:
            lost, self.has_overflown = self.has_overflown, False
            self._opened.deliver(0, Block(pcm=bytes(ms * _STEREO_16_KHZ), is_after_loss=lost))


class _Opened:
    names = ("simulated card",)
    forms = (Form(rate_hz=16000, channels=2),)

    def __init__(self, card: Card, deliver: Callable[[int, Block], None]) -> None:
        self._card, self.deliver, self._file, self.is_closed = card, deliver, _File(), False

    @property
    def is_running(self) -> bool:
        return self._card.trouble != "gone"

    def close(self) -> None:
        self.is_closed = True
        self._file.close()


class SilentFramer(Framer):
    """Counts samples as a framer does, and yields silence a block at a time: a week has thirty million frames."""

    def cut(self, chunk: bytes) -> Iterator[Frame]:
        self._at += len(chunk) // _STEREO_16_KHZ
        yield Frame(at=self._at, agent=b"", customer=b"")


class ScriptedEar:
    """An ear that hears what is written, at its time, while there is audio."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._talk_began: int | None = None
        self._is_deaf = False
        self.script: deque[Fact] = deque()

    @property
    def is_talking(self) -> bool:
        return self._talk_began is not None

    def hear(self, at: int, _frame: bytes) -> Iterator[Fact]:
        while self.script and self.script[0].at <= at:
            fact = self.script.popleft()
            if self._is_deaf and not isinstance(fact, TalkSpurtBegan):
                continue  # what is left of something whose beginning was lost
            if self._is_deaf and fact.at < at - 1000:
                continue
            self._is_deaf = False
            match fact:
                case TalkSpurtBegan():
                    self._talk_began = fact.began
                case TalkSpurtEnded():
                    self._talk_began = None
                case _:
                    pass
            yield fact

    def stop(self, at: int) -> Iterator[Fact]:
        began, self._talk_began, self._is_deaf = self._talk_began, None, True
        if began is not None:
            yield TalkSpurtEnded(at=at, side=self._side, began=began, ended=max(at, began + 1), level_dbfs=-20)


def side_of(fact: Fact) -> Side:
    """Return whose ear heard it."""
    match fact:
        case TalkSpurtBegan() | WordsHeard() | TalkSpurtEnded():
            return fact.side
        case BusyToneHeard():
            return Side.CUSTOMER
        case _:
            raise ValueError(f"no ear hears {type(fact).__name__}")
