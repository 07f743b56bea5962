"""The running mean is Kaldi's, a constant channel goes away, and the network for it computes the same."""

from pathlib import Path

import numpy as np
import pytest

from firmware.model import cmvn
from firmware.model.network import Layer, Network, forward

MEAN = np.linspace(-3, 5, 40)


def features(frames: int) -> np.ndarray:
    return np.random.default_rng(frames).normal(2, 3, (frames, 40)).astype(np.float32)


def by_the_book(frames: np.ndarray) -> np.ndarray:
    """As the source says it, a frame at a time."""
    out = []
    for at in range(len(frames)):
        window = frames[max(0, at - 599) : at + 1].astype(np.float64)
        assumed = min(200, 600 - len(window))
        out.append(frames[at] - (window.sum(0) + assumed * MEAN) / (len(window) + assumed) + MEAN)
    return np.array(out)


@pytest.mark.parametrize("frames", [1, 50, 450, 900])
def test_the_running_mean_is_kaldis(frames: int) -> None:
    assert cmvn.online(features(frames), MEAN) == pytest.approx(by_the_book(features(frames)), abs=1e-4)


def test_a_channel_goes_away_the_sooner_the_more_was_heard() -> None:
    channel = np.linspace(4, -4, 40)
    left = {
        before: np.abs(
            cmvn.online(features(800) + channel, MEAN, heard_before=before)
            - cmvn.online(features(800), MEAN, heard_before=before)
        )
        for before in (0, 300)
    }
    assert left[0][0].max() == pytest.approx(4 * 200 / 201, rel=1e-3)
    assert left[300][0].max() < 2
    assert left[0][700].max() < 1e-3


def test_the_mean_goes_into_the_first_layer() -> None:
    rng = np.random.default_rng(1)
    first = Layer(name="first", offsets=(-1, 0, 1), weight=rng.normal(0, 0.1, (8, 120)), relu=True)
    last = Layer(name="last", offsets=(0,), weight=rng.normal(0, 1, (5, 8)), bias=np.zeros(5))
    network = Network(layers=(first, last))
    assert forward(cmvn.folded_in(network, MEAN), features(30) - MEAN.astype(np.float32)) == pytest.approx(
        forward(network, features(30)), abs=1e-4
    )


def test_the_file_is_kaldis_matrix(tmp_path: Path) -> None:
    cmvn.write_stats(tmp_path / "stats", MEAN, count=10)
    content = (tmp_path / "stats").read_bytes()
    assert content[:15] == b"\0BDM \4\2\0\0\0\4\x29\0\0\0"
    stats = np.frombuffer(content[15:], "<f8").reshape(2, 41)
    assert stats[0] == pytest.approx([*(MEAN * 10), 10])
