"""How is the tap kept alive? One thread opens the cards, turns what they record into one stream, and opens them again.

Law 10: a card that is missing, unplugged, silent for a second or too fast is a lost part, said once and tried for ever;
audio that was lost in between is marked. Law 3: whatever the cards' blocks are, out come 16 kHz stereo samples.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Protocol, Self

from pi_companion import config
from pi_companion.adapters import tap
from pi_companion.adapters.tap import Block, Form
from pi_companion.core.facts import Part, PartFound, PartLost
from pi_companion.errors import HardwareError
from pi_companion.live.card_clock import WINDOW_MS
from pi_companion.live.tap_stream import Inbox, Stream

STALL_MS: Final = 1000
"""No audio for this long: the card is as good as unplugged."""

START_MS: Final = 4000
"""As long a card may take for its first; a sound server that wakes up took two seconds."""

AGAIN_MS: Final = (500, 1000, 2000, 5000)
"""How long after a failure the cards are looked for again; the last for ever."""

STEADY_MS: Final = 20000
TRIAL_MS: Final = 3000
"""A card that failed within `STEADY_MS` has to run this long before it is believed again, so that it cannot flicker."""

_WAIT_S: Final = 0.1
_CLOSING_S: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Interleaved 16-bit stereo at 16 kHz, left the agent. `at`: when it came; a mono tap's right side is zeros.

    `is_after_loss`: audio was lost just before it.
    """

    at: int
    pcm: bytes
    is_after_loss: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TapState:
    """What is known about the tap, for `pi-companion status`.

    `detail`: why it is lost. `drift_ppm`: how much too fast each card's clock is; None: not known yet. `skew_us`: how
    far the customer's card is ahead of the agent's, bridged; 0 with one card. `zeros_ms`: how long each side has been
    digital silence, as from a lead that is out; the customer's always where it is not tapped. `overflows`, `losses`:
    since the start.
    """

    is_lost: bool = False
    detail: str = ""
    cards: tuple[str, ...] = ()
    rates_hz: tuple[int, ...] = ()
    drift_ppm: tuple[int | None, ...] = ()
    skew_us: int = 0
    zeros_ms: tuple[int, int] = (0, 0)
    overflows: int = 0
    losses: int = 0


class Opened(Protocol):
    """Cards that record, each with a name and a form."""

    @property
    def names(self) -> tuple[str, ...]:
        """The cards, as a person finds them."""

    @property
    def forms(self) -> tuple[Form, ...]:
        """How each records."""

    @property
    def is_running(self) -> bool:
        """Whether all of them do."""

    def close(self) -> None:
        """Let them go; may raise `HardwareError`."""


class OpenTap(Protocol):
    """Opens and starts the cards; `adapters.tap.open_taps`."""

    def __call__(
        self, device: str, second_device: str, deliver: Callable[[int, Block], None], *, has_customer_side: bool
    ) -> Opened:
        """Return the cards; raise `HardwareError`."""


Deliver = Callable[[Audio | PartLost | PartFound], None]


class TapKeeper:
    """Keeps the tap as a context manager.

    `deliver` is called from its thread and must only enqueue; `now` tells session milliseconds from any thread.
    `has_customer_side` False: only the agent's microphone is tapped. Never raises: a card that is missing is a fact.
    """

    def __init__(
        self,
        audio: config.Audio,
        deliver: Deliver,
        now: Callable[[], int],
        *,
        has_customer_side: bool = True,
        open_tap: OpenTap = tap.open_taps,
    ) -> None:
        self._audio, self._deliver, self._now = audio, deliver, now
        self._has_customer_side, self._open_tap = has_customer_side, open_tap
        self._inbox = Inbox(now)
        self._opened: Opened | None = None
        self._stream: Stream | None = None
        self._failures = 0
        self._is_doubted = False
        self._open_at = self._opened_at = self._measured_at = 0
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tap", daemon=True)
        self.state = TapState()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closing.set()
        self._thread.join(_CLOSING_S)  # a card that does not let go is left to the end of the process

    def _run(self) -> None:
        while not self._is_closing.is_set():
            self.turn(_WAIT_S)
        self._close()

    def turn(self, wait_s: float = 0.0) -> None:
        """Do the next thing: open, take a block, notice that none comes. Waits at most `wait_s`."""
        if self._opened is None and self._now() >= self._open_at:
            self._open()
        if (came := self._inbox.get(wait_s)) is not None:
            self._take(*came)
        if self._opened is not None:
            self._watch(self._opened)

    # Opening and losing

    def _open(self) -> None:
        self._inbox = Inbox(self._now)  # what the last cards still had is not of these
        try:
            opened = self._open_tap(
                self._audio.device,
                self._audio.second_device,
                self._inbox.put,
                has_customer_side=self._has_customer_side,
            )
        except HardwareError as error:
            self._lose(str(error))
            return
        self._opened = opened
        self._opened_at = self._now()
        due_from = self._opened_at + START_MS - STALL_MS
        self._inbox.came_at = {number: due_from for number, _ in enumerate(opened.forms)} | self._inbox.came_at
        self._stream = Stream(opened.forms, has_customer_side=self._has_customer_side)
        self.state = TapState(
            is_lost=self.state.is_lost,
            detail=self.state.detail,
            cards=opened.names,
            rates_hz=tuple(form.rate_hz for form in opened.forms),
            overflows=self.state.overflows,
            losses=self.state.losses,
        )

    def _lose(self, detail: str) -> None:
        """Let go of what is open; say it once, and look again after a while."""
        now = self._now()
        if self._opened is not None:
            self._is_doubted = now - self._opened_at < STEADY_MS
            self._failures = self._failures if self._is_doubted else 0
        self._close()
        self._open_at = now + AGAIN_MS[min(self._failures, len(AGAIN_MS) - 1)]
        self._failures += 1
        was_lost = self.state.is_lost
        self.state = TapState(
            is_lost=True, detail=detail, overflows=self.state.overflows, losses=self.state.losses + (not was_lost)
        )
        if not was_lost:
            self._deliver(PartLost(at=now, part=Part.TAP, detail=detail))

    def _close(self) -> None:
        opened, self._opened, self._stream = self._opened, None, None
        if opened is not None:
            with suppress(HardwareError):  # it is gone already; PortAudio forgets it when it looks again
                opened.close()

    # What comes

    def _take(self, number: int, at: int, block: Block) -> None:
        stream = self._stream
        if stream is None:
            return
        pcm = stream.take(number, at, block)
        if stream.is_wrong:
            self._lose("the sound card records at another rate than it says")
            return
        if block.is_after_loss:
            self.state = replace(self.state, overflows=self.state.overflows + 1)
        if not pcm or (self._is_doubted and at - self._opened_at < TRIAL_MS):
            return
        if self.state.is_lost:
            self.state = replace(self.state, is_lost=False, detail="")
            self._deliver(PartFound(at=at, part=Part.TAP))
        self._deliver(Audio(at=at, pcm=pcm, is_after_loss=stream.was_cut()))
        if at - self._measured_at >= WINDOW_MS:
            self._measured_at = at
            drifts = tuple(clock.drift_ppm() for clock in stream.clocks)
            self.state = replace(self.state, drift_ppm=drifts, skew_us=stream.skew_us, zeros_ms=stream.zeros_ms)

    def _watch(self, opened: Opened) -> None:
        if not opened.is_running:
            self._lose("the sound card is gone: unplugged, or its sound server ended")
        elif self._now() - min(self._inbox.came_at.values()) > STALL_MS:
            self._lose("no audio comes from the sound card")
