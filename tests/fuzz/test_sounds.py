"""Sound files: cut short, with wrong bytes, with headers that lie. The samples that are promised, or one message."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.session.sound import read_sound
from tests.fuzz.budget import budget
from tests.fuzz.mutations import damaged
from tests.fuzz.oracle import files, read_or_told

SHAPES = (
    ("WAV", "PCM_16", 16000, 2),
    ("WAV", "PCM_24", 48000, 2),
    ("WAV", "FLOAT", 8000, 2),
    ("WAV", "PCM_16", 16000, 1),
    ("WAVEX", "PCM_16", 16000, 6),
    ("RF64", "PCM_16", 16000, 2),
    ("FLAC", "PCM_16", 16000, 2),
    ("FLAC", "PCM_24", 44100, 2),
    ("FLAC", "PCM_16", 22050, 2),
    ("OGG", "VORBIS", 16000, 2),
    ("AIFF", "PCM_16", 16000, 2),
)


@cache
def sound(kind: str, subtype: str, rate_hz: int, channels: int) -> bytes:
    """A tenth of a second of noise in that shape."""
    samples = np.random.default_rng(1).integers(-9000, 9000, (rate_hz // 10, channels), np.int16)
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, subtype=subtype, format=kind)
    return file.getvalue()


def read(folder: Path, name: str) -> bytes | None:
    return read_or_told(lambda: read_sound(folder / name), folder)


@budget(120)
@given(st.sampled_from(SHAPES).flatmap(lambda shape: damaged(sound(*shape))))
def test_a_damaged_sound(data: bytes) -> None:
    with files(audio_flac=data) as folder:
        found = read(folder, "audio.flac")
        assert found is None or len(found) % 4 == 0


@budget(30)
@given(st.binary(max_size=200))
def test_no_sound_at_all(data: bytes) -> None:
    with files(audio_wav=data) as folder:
        read(folder, "audio.wav")
