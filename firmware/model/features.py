"""What does the network hear? The very MFCC that Vosk computes from the model's `conf/mfcc.conf`."""

from typing import Final

import numpy as np

RATE_HZ: Final = 16000
COEFFICIENTS: Final = 40
FRAME_MS: Final = 10

OPTIONS: Final = (
    "--use-energy=false",
    "--sample-frequency=16000",
    "--num-mel-bins=40",
    "--num-ceps=40",
    "--low-freq=20",
    "--high-freq=7600",
    "--dither=0",
    "--allow-upsample=true",
    "--allow-downsample=true",
)
"""The lines of `conf/mfcc.conf`."""


def mfcc(samples: np.ndarray) -> np.ndarray:
    """Return (frames, 40) float32 from 16 kHz mono samples in 16-bit range: a frame every 10 ms, whole windows only.

    Kaldi's own code (kaldi-native-fbank), imported here because only making a model needs it.
    """
    import kaldi_native_fbank as knf  # noqa: PLC0415 - only making a model needs it

    options = knf.MfccOptions()
    options.frame_opts.samp_freq = RATE_HZ
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = COEFFICIENTS
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = 7600
    options.num_ceps = COEFFICIENTS
    options.use_energy = False
    computer = knf.OnlineMfcc(options)
    computer.accept_waveform(RATE_HZ, np.asarray(samples, np.float32).tolist())
    computer.input_finished()
    frames = [computer.get_frame(index) for index in range(computer.num_frames_ready)]
    return np.stack(frames).astype(np.float32) if frames else np.zeros((0, COEFFICIENTS), np.float32)
