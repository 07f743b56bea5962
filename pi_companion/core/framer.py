"""Where does a frame begin? Cuts an interleaved stereo stream into 20 ms frames; chunking never matters (law 3)."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

SAMPLE_RATE_HZ = 16000
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000
_FRAME_BYTES = FRAME_SAMPLES * 2 * 2  # two channels of 16-bit samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """20 ms of both sides. `at`: when its last sample was taken; each side 640 bytes, 16-bit native, mono."""

    at: int
    agent: bytes
    customer: bytes


class Framer:
    """Counts samples, so time comes from the sample counter (law 2). `began`: session time of the first sample."""

    def __init__(self, began: int = 0) -> None:
        self._at = began
        self._rest = b""

    def cut(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the frames that `chunk` (interleaved 16-bit stereo, any length) completes."""
        data = self._rest + chunk
        whole = len(data) - len(data) % _FRAME_BYTES
        self._rest = data[whole:]
        for start in range(0, whole, _FRAME_BYTES):
            samples = array("h", data[start : start + _FRAME_BYTES])
            self._at += FRAME_MS
            yield Frame(at=self._at, agent=samples[::2].tobytes(), customer=samples[1::2].tobytes())

    def skip_to(self, at: int) -> None:
        """Restart the counter at `at` after lost audio; an incomplete frame is dropped."""
        self._at, self._rest = at, b""
