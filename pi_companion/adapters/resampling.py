"""How does a card that cannot record at 16 kHz get there? By soxr, as a stream: how it is cut never matters (law 3)."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soxr

from pi_companion.core.framer import SAMPLE_RATE_HZ

_FULL_SCALE: Final = 32768.0


class Resampler:
    """16-bit interleaved audio of one rate in, 16 kHz out; at 16 kHz bit for bit."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._channels = channels
        self._stream: Any = None
        if rate_hz != SAMPLE_RATE_HZ:
            self._stream = soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, channels, dtype="float32", quality="HQ")

    def feed(self, pcm: bytes) -> npt.NDArray[np.int16]:
        """Return what `pcm` (whole samples of all channels) completes: a row for each sample, a column a channel."""
        samples = np.frombuffer(pcm, "<i2").reshape(-1, self._channels)
        if self._stream is None:
            return samples
        resampled = self._stream.resample_chunk(samples.astype(np.float32) / _FULL_SCALE)
        rounded: npt.NDArray[np.int16] = np.clip(np.rint(resampled * _FULL_SCALE), -32768, 32767).astype(np.int16)
        return rounded.reshape(-1, self._channels)
