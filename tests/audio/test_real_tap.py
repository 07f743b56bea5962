"""The tap on a real sound server through PortAudio: what is played arrives, what dies is lost, what is back is found.

Not part of `make test`, which installs no sound server: `make test-audio`. A player on a busy machine may glitch, which
nobody is told: what arrives is compared bit for bit, and played again up to three times before it counts as wrong.
"""

import os
import queue
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from pi_companion import config
from pi_companion.adapters import cards
from pi_companion.bench.calls import bundled_calls
from pi_companion.core.facts import PartFound, PartLost
from pi_companion.live.tap_keeper import STALL_MS, Audio, TapKeeper
from pi_companion.session.folder import load, read_audio
from tests.audio.sound_server import RATE_HZ, SoundServer

TRIES = 3
LONGEST_S = 60.0
SKEW_MS = 25
Samples = npt.NDArray[np.int16]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with SoundServer(tmp_path) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


class Listener:
    """Keeps the tap and remembers what it gave."""

    def __init__(self, audio: config.Audio) -> None:
        self.came: list[Audio | PartLost | PartFound] = []
        self._queue: queue.SimpleQueue[Audio | PartLost | PartFound] = queue.SimpleQueue()
        self.keeper = TapKeeper(audio, self._queue.put, lambda: time.monotonic_ns() // 1_000_000)

    def hear(self, *, until: type) -> None:
        """Take what comes until something of this kind did."""
        deadline = time.monotonic() + LONGEST_S
        while not self.came or not isinstance(self.came[-1], until):
            self.came.append(self._queue.get(timeout=max(0.1, deadline - time.monotonic())))

    def clear(self) -> None:
        """Forget what came so far."""
        self.came.clear()
        while not self._queue.empty():
            self._queue.get()

    def stereo(self) -> Samples:
        """Return all that was heard since, a row for each sample."""
        while not self._queue.empty():
            self.came.append(self._queue.get())
        pcm = b"".join(one.pcm for one in self.came if isinstance(one, Audio))
        return np.frombuffer(pcm, "<i2").reshape(-1, 2)


def spoken(seconds: int) -> Samples:
    """A bundled call's sound, with a silence before it in which the sink wakes up and one after it."""
    (call,) = [path for path in bundled_calls() if path.name.startswith("03")]
    whole = np.frombuffer(read_audio(load(call)), "<i2").reshape(-1, 2)
    talk = whole[12 * RATE_HZ : (12 + seconds) * RATE_HZ]
    silence = np.zeros((RATE_HZ // 2, 2), np.int16)
    return np.concatenate((silence, talk, silence))


def holds(heard: Samples, played: Samples) -> bool:
    """Whether what was played, from its first sound on, is in what was heard, bit for bit."""
    first = int(np.flatnonzero(np.any(played != 0, axis=1))[0])
    wanted = played[first : -RATE_HZ // 2]
    starts = np.flatnonzero(np.all(heard == wanted[0], axis=1))
    return any(np.array_equal(heard[at : at + len(wanted)], wanted) for at in starts)


def test_what_is_played_arrives_bit_for_bit(server: SoundServer) -> None:
    played = spoken(6)
    outcomes: list[bool] = []
    listener = Listener(config.Audio(device="desk"))
    with listener.keeper:
        listener.hear(until=Audio)
        while True not in outcomes and len(outcomes) < TRIES:
            listener.clear()
            server.play(played.tobytes())
            time.sleep(0.5)  # what is still on its way through the server
            outcomes.append(holds(listener.stereo(), played))

    assert outcomes[-1], f"tried {len(outcomes)} times"
    assert not [one for one in listener.came if isinstance(one, PartLost)]


def test_a_server_that_dies_is_a_lost_tap_within_two_seconds_and_found_when_it_is_back(server: SoundServer) -> None:
    listener = Listener(config.Audio(device="desk"))
    with listener.keeper:
        listener.hear(until=Audio)
        server.kill()
        listener.hear(until=PartLost)
        lost = listener.came[-1]
        last_heard_at = max(one.at for one in listener.came if isinstance(one, Audio))
        server.start()
        listener.hear(until=PartFound)
        listener.hear(until=Audio)

    kinds = [type(one) for one in listener.came if not isinstance(one, Audio)]
    assert kinds == [PartLost, PartFound]
    assert lost.at - last_heard_at <= STALL_MS + 1000


def test_two_mono_cards_stay_together(server: SoundServer) -> None:
    clicks = np.zeros((8 * RATE_HZ, 2), np.int16)
    clicks[RATE_HZ::RATE_HZ] = 20000
    listener = Listener(config.Audio(device="agent", second_device="customer"))
    apart: list[float] = []
    with listener.keeper:
        listener.hear(until=Audio)
        while len(apart) < 5:
            listener.clear()
            server.play(clicks.tobytes())
            time.sleep(0.5)
            heard = listener.stereo()
            agent, customer = (np.flatnonzero(heard[:, side] > 10000) for side in range(2))
            apart = [min(abs(int(other) - int(at)) for other in customer) / 16 for at in agent if len(customer)]

    assert max(apart) <= SKEW_MS


def test_a_card_that_is_not_there_is_named_with_those_that_are(server: SoundServer) -> None:
    assert "PULSE_SERVER" in os.environ, server
    listener = Listener(config.Audio(device="no such card"))
    with listener.keeper:
        listener.hear(until=PartLost)
    cards.refresh()

    (lost,) = listener.came
    assert isinstance(lost, PartLost)
    assert ('no stereo input called "no such card"' in lost.detail, "desk" in lost.detail) == (True, True)
