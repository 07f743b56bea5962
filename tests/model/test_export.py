"""The exported network computes in Vosk what it computes here: every frame, every output."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware.model import cmvn, export, features, network
from firmware.model.network import Network
from tests.model.networks import random_network
from tests.model.probe import heard, write_probe

FRAMES = 9
PCM = (np.random.default_rng(2).normal(size=400 + 160 * (3 * FRAMES - 2)) * 3000).astype("<i2")


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
def test_vosk_computes_the_same_numbers(tmp_path: Path, seed: int, is_compressed: bool) -> None:
    trained = random_network(seed)
    write_probe(tmp_path, trained, FRAMES, is_compressed=is_compressed)
    found, off = heard(tmp_path, PCM.tobytes(), FRAMES, 63)
    known = export.quantised(trained) if is_compressed else trained
    assert np.abs(found - network.forward(known, features.mfcc(PCM))).max() < 1e-3
    assert abs(off) < 1e-3


def test_vosk_takes_the_channel_off_as_it_is_done_here(tmp_path: Path) -> None:
    mean = features.mfcc(PCM).mean(axis=0) + np.linspace(-9, 9, 40)
    trained = random_network()
    write_probe(tmp_path, cmvn.folded_in(trained, mean), FRAMES, is_compressed=False, mean=mean)
    found, _ = heard(tmp_path, PCM.tobytes(), FRAMES, 63)
    assert np.abs(found - network.forward(trained, cmvn.online(features.mfcc(PCM), mean))).max() < 1e-3


def test_a_network_that_is_too_large_or_waits_too_long_is_refused() -> None:
    trained = random_network()
    first = trained.layers[0]
    late = Network(layers=(replace(first, offsets=(-1, 0, 40)), *trained.layers[1:]))
    with pytest.raises(ValueError, match="waits for 47 frames; at most 30"):
        export.acoustic_model(late)
    with pytest.raises(ValueError, match="parameters; at most 2500000"):
        export.acoustic_model(random_network(width=9000))


def test_phones_are_units_by_their_place_and_only_the_blank_between_words_is_silence(tmp_path: Path) -> None:
    export.write_acoustic(tmp_path, export.acoustic_model(random_network()))
    rows = (tmp_path / "graph/phones/word_boundary.int").read_text().splitlines()
    assert rows[:3] == ["1 nonword", "2 internal", "3 begin"]
    assert len(rows) == len(export.PHONES) == len(export.PDFS) == 3 + 2 * 62
    assert export.PDFS[:3] == (0, 0, 0)
    assert "--endpoint.silence-phones=1" in (tmp_path / "conf/model.conf").read_text()
    assert (tmp_path / "conf/mfcc.conf").read_text().splitlines() == list(features.OPTIONS)
