"""Is a frame voiced? WebRTC's detector, one instance a side: it adapts to its channel's noise."""

from typing import Final

import webrtcvad

from pi_companion.core.framer import SAMPLE_RATE_HZ

AGGRESSIVENESS: Final = 2
"""0 takes almost anything for speech, 3 almost nothing; 2 kept spurt ends within 100 ms of the labelled ones."""


class WebRtcVoice:
    """webrtcvad with the interface of `speech.ear.Voice`."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)

    def is_speech(self, frame: bytes) -> bool:
        """Return whether 20 ms of 16 kHz 16-bit mono are voiced."""
        return bool(self._vad.is_speech(frame, SAMPLE_RATE_HZ))
