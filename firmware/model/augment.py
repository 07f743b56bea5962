"""How training speech is varied, so that the network hears voices, rooms and lines that were never recorded.

Everything works on float32 samples at 16 kHz in 16-bit range and draws from the generator it is given: the same seed
gives the same sound. `vary` is the whole chain; the steps are public because the tests measure them.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import soxr

RATE_HZ = 16_000
FULL_SCALE = 32_767.0

Samples = npt.NDArray[np.float32]
Rng = np.random.Generator


def rms(samples: Samples) -> float:
    """Root mean square, never quite zero."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) + 1e-3


def trimmed(samples: Samples, margin_ms: int = 30, below_peak_db: float = 34) -> Samples:
    """Without the quiet before and after: what is louder than the loudest 10 ms less `below_peak_db`, and a margin."""
    window = RATE_HZ // 100
    whole = len(samples) // window * window
    if not whole:
        return samples
    level = np.sqrt(np.mean(np.square(samples[:whole].reshape(-1, window)), axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (-below_peak_db / 20))
    margin = margin_ms * RATE_HZ // 1000
    return samples[max(0, loud[0] * window - margin) : (loud[-1] + 1) * window + margin]


def joined(words: Sequence[Samples], rng: Rng) -> Samples:
    """Words of one speaker as a sentence: trimmed, at one level, a little overlapped or up to 120 ms apart."""
    target = rms(np.concatenate(words))
    sentence = np.zeros(0, np.float32)
    for word in words:
        piece = trimmed(word, margin_ms=int(rng.integers(10, 40)), below_peak_db=float(rng.uniform(24, 36)))
        piece = piece * np.float32(target / rms(piece) * 10 ** (rng.uniform(-3, 3) / 20))
        fade = min(240, len(piece) // 4)
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        piece[:fade] *= ramp
        piece[-fade:] *= ramp[::-1]
        gap = int(rng.integers(-480, 1920)) if rng.random() < 0.5 else int(rng.integers(-480, 320))
        at = max(0, len(sentence) + (gap if len(sentence) else 0))
        longer = np.zeros(at + len(piece), np.float32)
        longer[: len(sentence)] = sentence[: len(longer)]
        longer[at:] += piece
        sentence = longer
    return sentence


def faster(samples: Samples, factor: float) -> Samples:
    """Time-scaled by `factor` (2 = twice as fast) at the same pitch: waveform-similarity overlap-add."""
    window, hop, search = 480, 240, 120
    shape = np.hanning(window).astype(np.float32)
    frames = int((len(samples) - window - 2 * search) / (hop * factor))
    if frames < 4:
        return samples
    out = np.zeros(frames * hop + window, np.float32)
    weight = np.full(len(out), 1e-3, np.float32)
    at = search
    for frame in range(frames):
        if frame:
            goal = samples[at + hop : at + hop + window]
            at = int(frame * hop * factor) + search
            near = samples[at - search : at + search + window]
            if len(goal) == window and len(near) == 2 * search + window:
                at += int(np.argmax(np.correlate(near, goal, "valid"))) - search
        piece = samples[at : at + window]
        if len(piece) < window:
            break
        out[frame * hop : frame * hop + window] += piece * shape
        weight[frame * hop : frame * hop + window] += shape
    return np.divide(out, weight, dtype=np.float32)


def other_throat(samples: Samples, factor: float) -> Samples:
    """Pitch, formants and tempo times `factor`: the same words from a smaller (> 1) or larger speaker."""
    return np.asarray(soxr.resample(samples, RATE_HZ, RATE_HZ / factor, quality="MQ"), np.float32)


def alaw(samples: Samples) -> Samples:
    """Through A-law companding (ITU-T G.711) and back."""
    scale = 1 + np.log(87.6)
    size = np.abs(samples) / 32_768
    small = size < 1 / 87.6
    code = np.where(small, 87.6 * size, 1 + np.log(np.maximum(87.6 * size, 1))) / scale
    code = np.round(code * 127) / 127
    size = np.where(code < 1 / scale, code * scale / 87.6, np.exp(np.maximum(code * scale - 1, 0)) / 87.6)
    return np.asarray(np.sign(samples) * size * 32_768, np.float32)


def coloured_noise(length: int, slope: float, rng: Rng) -> Samples:
    """Noise whose amplitude falls as frequency to the power of `slope` (0 white, -1 red); rms 1."""
    size = 1 << max(4, (length - 1).bit_length())
    spectrum = np.fft.rfft(rng.standard_normal(size, np.float32))
    spectrum *= np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 30) ** slope
    noise = np.fft.irfft(spectrum, size)[:length].astype(np.float32)
    return noise / np.float32(rms(noise) - 1e-3 + 1e-12)


def _room(size: int, rng: Rng) -> npt.NDArray[np.complex128]:
    """Spectrum of a made-up room: direct sound, a gap, then decaying noise."""
    length = int(rng.uniform(0.08, 0.6) * RATE_HZ)
    response = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    response[: int(16 * rng.uniform(1, 20))] = 0
    response *= rng.uniform(0.1, 0.9) / (np.sqrt(np.sum(response**2)) + 1e-9)
    response[0] = 1
    return np.fft.rfft(response, size)


def vary(speech: Samples, babble: Sequence[Samples], rng: Rng) -> Samples:
    """One more way the same utterance may arrive: room, tone, noise or babble, telephone band, level, clipping.

    `babble` is other speech to be mixed in, quietly. The result is whole numbers in 16-bit range, as from a sound card.
    """
    before, after = (int(RATE_HZ * rng.uniform(0.05, limit)) for limit in (0.5, 0.6))
    speech = np.concatenate([np.zeros(before, np.float32), speech, np.zeros(after, np.float32)])
    length = len(speech)
    size = 1 << (length + 8000).bit_length()
    spectrum = np.fft.rfft(speech, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    level = rms(speech)
    if rng.random() < 0.45:
        spectrum = spectrum * _room(size, rng)
    if rng.random() < 0.6:
        knots = np.array([0, 200, 500, 1000, 2000, 3000, 4500, 6000, 8000])
        spectrum = spectrum * 10 ** (np.interp(hertz, knots, rng.uniform(-8, 8, len(knots))) / 20)
    sound = np.fft.irfft(spectrum, size)[:length].astype(np.float32)
    sound *= np.float32(level / rms(sound))
    kind = rng.random()
    if kind < 0.45:
        noise = coloured_noise(length, float(rng.uniform(-1.2, 0.2)), rng)
        sound += noise * np.float32(level * 10 ** (-rng.uniform(5, 35) / 20))
    elif kind < 0.62 and babble:
        talk = np.zeros(length, np.float32)
        for _ in range(int(rng.integers(1, 6))):
            other = babble[int(rng.integers(len(babble)))]
            other = np.tile(other, length // len(other) + 2)
            start = int(rng.integers(len(other) - length))
            talk += other[start : start + length] * np.float32(rng.uniform(0.3, 1) / rms(other))
        sound += talk * np.float32(level / rms(talk) * 10 ** (-rng.uniform(8, 26) / 20))
    telephone = rng.random() < 0.35
    if telephone:
        sound = band(sound, low_hz=float(rng.uniform(80, 320)), high_hz=float(rng.uniform(3200, 3700)))
    sound *= np.float32(32_000 / (np.abs(sound).max() + 1) * 10 ** (-rng.uniform(0, 28) / 20))
    if rng.random() < 0.1:
        sound = np.clip(sound * np.float32(rng.uniform(1, 4)), -32_000, 32_000)
    if telephone:
        sound = alaw(sound)
    if rng.random() < 0.92:
        sound = sound + rng.standard_normal(length, np.float32) * np.float32(10 ** rng.uniform(-0.5, 1.6))
    return np.round(np.clip(sound, -FULL_SCALE - 1, FULL_SCALE)).astype(np.float32)


def band(samples: Samples, *, low_hz: float, high_hz: float) -> Samples:
    """Only the frequencies of a line: 24 dB an octave below `low_hz`, 72 above `high_hz`."""
    size = 1 << (len(samples) + 4000).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    gain = 1 / np.sqrt(1 + (low_hz / np.maximum(hertz, 1)) ** 8) / np.sqrt(1 + (hertz / high_hz) ** 24)
    return np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[: len(samples)].astype(np.float32)
