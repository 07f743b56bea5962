"""How does a sound file become the samples that the device would hear? Two channels, 16 kHz, 16 bit, or an error.

A 16-bit file at 16 kHz comes through bit for bit. Anything else is resampled by soxr at its high quality and
rounded: the same bytes every time on one machine, though not promised between kinds of processor.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from pi_companion import reading
from pi_companion.errors import CallFolderError

RATE_HZ: Final = 16000
RATES_HZ: Final = (8000, 16000, 44100, 48000)
"""What is accepted: telephone, the device's own, and the usual sound cards."""

LONGEST_S: Final = 2 * 60 * 60
"""A call, or a few in a row."""

_BLOCK: Final = 1 << 23  # samples; of what is asked for, only what comes takes memory
_FORMATS: Final = frozenset({"FLAC", "WAV", "WAVEX", "RF64"})


def read_sound(file: Path) -> bytes:
    """Return a FLAC or WAV file as interleaved little-endian int16 stereo at 16 kHz.

    Integer samples of any width and float samples (full scale 1.0, louder is clipped) are taken. Raises
    `CallFolderError` for anything that is no whole two-channel sound at one of `RATES_HZ`, or lasts too long.
    """
    try:
        reading.require_file(file)
        with soundfile.SoundFile(file) as sound:
            complaints = _complaints(sound, file)
            if complaints:
                raise CallFolderError(file, complaints)
            is_exact = sound.samplerate == RATE_HZ and sound.subtype == "PCM_16"
            samples = whole(sound, "int16" if is_exact else "float32")
            promised, rate_hz = sound.frames, sound.samplerate
    except reading.Unreadable as why:
        raise CallFolderError(file, [str(why)]) from None
    except (soundfile.SoundFileError, OSError) as error:
        raise CallFolderError(file, [f"no readable sound: {error}; allowed: FLAC or WAV"]) from error
    if len(samples) < promised:
        raise CallFolderError(file, [f"truncated: {len(samples)} of {promised} samples are there; copy it again"])
    if not is_exact:
        samples = _to_int16(_resampled(samples, rate_hz, file))
    return samples.astype("<i2", copy=False).tobytes()


def whole(sound: Any, dtype: str) -> npt.NDArray[Any]:  # noqa: ANN401 - soundfile publishes no types
    """Return all samples of an open sound, one row each. As much memory as there is sound: a header may lie."""
    blocks = [sound.read(_BLOCK, dtype=dtype, always_2d=True)]
    while len(blocks[-1]) == _BLOCK:
        blocks.append(sound.read(_BLOCK, dtype=dtype, always_2d=True))
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _complaints(sound: Any, file: Path) -> list[str]:  # noqa: ANN401 - soundfile publishes no types
    complaints = []
    if sound.format not in _FORMATS:
        complaints.append(f"found {sound.format}; allowed: FLAC or WAV")
    if sound.channels != 2:
        complaints.append(f"found {sound.channels} channel(s); allowed: 2, left the agent, right the customer")
    if sound.samplerate not in RATES_HZ:
        allowed = ", ".join(str(rate) for rate in RATES_HZ)
        complaints.append(f"found {sound.samplerate} samples a second; allowed: {allowed}")
    elif sound.frames > LONGEST_S * sound.samplerate:
        complaints.append(f"lasts {sound.frames // sound.samplerate:,} s by its header; allowed: up to {LONGEST_S:,} s")
    if (missing := _missing_bytes(file)) > 0:
        complaints.append(f"truncated: {missing} bytes are missing at the end; copy it again")
    return complaints


def _missing_bytes(file: Path) -> int:
    """Return how much shorter a WAV file is than its header says; libsndfile reads such a file without a word."""
    with file.open("rb") as stream:
        head = stream.read(8)
    promised = int.from_bytes(head[4:8], "little")
    is_known = head[:4] == b"RIFF" and promised not in {0, 0xFFFFFFFF}  # what writers put who cannot seek back
    return promised + 8 - file.stat().st_size if is_known else 0


def _resampled(samples: npt.NDArray[np.float32], rate_hz: int, file: Path) -> npt.NDArray[np.float32]:
    if not np.isfinite(samples).all():
        raise CallFolderError(file, ["holds samples that are no number (NaN or infinite); export it again"])
    samples = np.clip(samples, -1.0, 1.0)  # first of all: a damaged file has numbers that no arithmetic survives
    if rate_hz == RATE_HZ:
        return samples
    resampled: npt.NDArray[np.float32] = soxr.resample(samples, rate_hz, RATE_HZ, quality="HQ")
    return resampled


def _to_int16(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    rounded: npt.NDArray[np.int16] = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    return rounded
