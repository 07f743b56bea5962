"""Sounds of an office and a telephone in which nobody says a word, made by code: what the network must stay silent on.

Every maker returns float32 samples at 16 kHz, peak near 1, and draws from the generator it is given.
"""

from collections.abc import Callable

import numpy as np

from firmware.model.augment import RATE_HZ, Rng, Samples, coloured_noise

_SCALE = (0, 2, 4, 5, 7, 9, 11)  # semitones of a major scale


def _time(seconds: float) -> Samples:
    return np.arange(int(seconds * RATE_HZ), dtype=np.float32) / np.float32(RATE_HZ)


def _peak(sound: Samples) -> Samples:
    return np.asarray(sound / (np.abs(sound).max() + 1e-9), np.float32)


def noise(seconds: float, rng: Rng) -> Samples:
    """Fan, hiss, traffic: coloured noise that swells slowly."""
    time = _time(seconds)
    swell = 1 + rng.uniform(0, 0.9) * np.sin(2 * np.pi * rng.uniform(0.05, 1.5) * time + rng.uniform(0, 6))
    return _peak(coloured_noise(len(time), float(rng.uniform(-1.5, 0.4)), rng) * swell)


def hum(seconds: float, rng: Rng) -> Samples:
    """Mains hum with its harmonics, and a little hiss."""
    time, mains = _time(seconds), rng.choice((50, 60)) * rng.uniform(0.99, 1.01)
    tones = sum(rng.uniform(0, 1) / k * np.sin(2 * np.pi * mains * k * time + rng.uniform(0, 6)) for k in range(1, 12))
    return _peak(tones + coloured_noise(len(time), -0.5, rng) * rng.uniform(0, 0.5))


def ring(seconds: float, rng: Rng) -> Samples:
    """A ring tone: the line's 450 Hz, or a phone's warble or bell, on and off."""
    time = _time(seconds)
    on, off = (1.0, 4.0) if rng.random() < 0.3 else (rng.uniform(0.3, 2), rng.uniform(0.2, 3))
    gate = ((time + rng.uniform(0, on + off)) % (on + off)) < on
    kind = rng.random()
    if kind < 0.35:
        tone = np.sin(2 * np.pi * rng.choice((440, 450, 480, 425)) * time)
    elif kind < 0.75:
        low, high = rng.uniform(500, 1200), rng.uniform(1200, 2200)
        warble = np.sign(np.sin(2 * np.pi * rng.uniform(8, 25) * time)) > 0
        tone = np.where(warble, np.sin(2 * np.pi * low * time), np.sin(2 * np.pi * high * time))
    else:
        strikes = np.exp(-((time * 20) % 1) * rng.uniform(1, 4))
        tone = strikes * sum(np.sin(2 * np.pi * f * time) for f in rng.uniform(900, 4000, 4))
    return _peak(tone * gate + coloured_noise(len(time), -0.3, rng) * rng.uniform(0.001, 0.05))


def keys(seconds: float, rng: Rng) -> Samples:
    """A keyboard, knocks, clicks, paper: short decaying bursts."""
    sound = coloured_noise(int(seconds * RATE_HZ), -0.5, rng) * np.float32(rng.uniform(0.001, 0.02))
    for _ in range(int(seconds * rng.uniform(1, 8))):
        length = int(rng.uniform(0.005, 0.15) * RATE_HZ)
        decay = np.exp(-np.arange(length) / length * rng.uniform(3, 9)).astype(np.float32)
        burst = coloured_noise(length, float(rng.uniform(-1, 0.3)), rng) * decay * np.float32(rng.uniform(0.1, 1))
        at = int(rng.integers(max(1, len(sound) - length)))
        sound[at : at + length] += burst[: len(sound) - at]
    return _peak(sound)


def breath(seconds: float, rng: Rng) -> Samples:
    """Breathing into a handset: band noise that comes and goes."""
    time = _time(seconds)
    rate = rng.uniform(0.2, 0.6)
    envelope = np.maximum(0, np.sin(2 * np.pi * rate * time + rng.uniform(0, 6))) ** rng.uniform(0.7, 3)
    centre = rng.uniform(400, 1800)
    size = len(time)
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    spectrum *= np.exp(-(((hertz - centre) / rng.uniform(300, 1500)) ** 2)) + 0.05
    return _peak((np.fft.irfft(spectrum, size) * (envelope + 0.02)).astype(np.float32))


def music(seconds: float, rng: Rng) -> Samples:
    """Hold music: a melody over chords, notes of a few harmonics that decay, sometimes a beat."""
    sound = np.zeros(int(seconds * RATE_HZ), np.float32)
    root, beat = rng.uniform(90, 260), rng.uniform(0.15, 0.6)
    timbre = rng.uniform(0.1, 1, 6) / np.arange(1, 7) ** rng.uniform(0.3, 1.5)
    decay, at = rng.uniform(0.5, 6), 0.0
    while at < seconds:
        notes = [2 ** rng.integers(0, 3) * 2 ** (rng.choice(_SCALE) / 12) for _ in range(int(rng.integers(1, 4)))]
        time = _time(min(beat * rng.integers(1, 5), seconds - at))
        start = int(at * RATE_HZ)
        vibrato = rng.uniform(0, 0.004) * np.sin(2 * np.pi * 5.5 * time)
        for note in notes:
            tone = sum(a * np.sin(2 * np.pi * root * note * k * (time + vibrato / 30)) for k, a in enumerate(timbre, 1))
            tone = tone * np.exp(-time * decay) * np.minimum(1, time * rng.uniform(20, 400))
            sound[start : start + len(time)] += tone[: len(sound) - start].astype(np.float32)
        if rng.random() < 0.5:
            drum = coloured_noise(min(1600, len(sound) - start), -0.3, rng) if len(sound) - start > 100 else None
            if drum is not None:
                sound[start : start + len(drum)] += drum * np.exp(-np.arange(len(drum)) / 300).astype(np.float32)
        at += beat
    return _peak(sound)


def tones(seconds: float, rng: Rng) -> Samples:
    """Keys of a dial pad, beeps, a modem's sweep."""
    time = _time(seconds)
    sound = coloured_noise(len(time), -0.4, rng) * np.float32(rng.uniform(0.001, 0.03))
    at = rng.uniform(0, 0.5)
    while at < seconds - 0.05:
        length = min(rng.uniform(0.05, 0.6), seconds - at)
        part, start = _time(length), int(at * RATE_HZ)
        sweep = rng.uniform(-800, 800) if rng.random() < 0.2 else 0.0
        beep = np.sin(2 * np.pi * (rng.choice((697, 770, 852, 941, 1000, 400)) * part + sweep * part**2))
        if rng.random() < 0.6:
            beep = beep + np.sin(2 * np.pi * rng.choice((1209, 1336, 1477, 1633)) * part)
        part_of = sound[start : start + len(part)]
        part_of += beep[: len(part_of)].astype(np.float32)
        at += length + rng.uniform(0.05, 0.8)
    return _peak(sound)


MAKERS: dict[str, Callable[[float, Rng], Samples]] = {
    "noise": noise,
    "hum": hum,
    "ring tone": ring,
    "keys and knocks": keys,
    "breathing": breath,
    "music": music,
    "tones": tones,
}


def silence_of_words(rng: Rng) -> Samples:
    """2 to 7 s of one of them, at times two at once, peak 20000 or less."""
    seconds = float(rng.uniform(2, 7))
    makers = list(MAKERS.values())
    sound = makers[int(rng.integers(len(makers)))](seconds, rng)
    if rng.random() < 0.3:
        sound = sound + makers[int(rng.integers(len(makers)))](seconds, rng) * np.float32(rng.uniform(0.05, 1))
    return _peak(sound) * np.float32(20_000)
