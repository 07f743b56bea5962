from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware.model import export, kaldi_io, network
from firmware.model.network import Layer, Network
from tests.model.networks import random_network

FEATURES = np.random.default_rng(3).normal(scale=20, size=(50, 40)).astype(np.float32)


def test_an_output_every_third_frame_and_probabilities_that_add_up_to_one() -> None:
    found = network.forward(random_network(), FEATURES)
    assert found.shape == (17, 63)
    assert np.allclose(np.exp(found).sum(axis=1), 1, atol=1e-5)


def test_layers_are_spliced_passed_by_and_subsampled_as_said() -> None:
    one = Layer(name="one", offsets=(-1, 2), weight=np.array([[1.0, 10.0]]))
    two = Layer(
        name="two", offsets=(0,), weight=np.array([[-1.0]]), relu=True, shift=np.array([0.5]), bypass=("one", 2.0)
    )
    simple = Network(layers=(one, two), log_softmax=False)
    frames = np.array([[1.0], [2.0], [3.0], [4.0]])
    # At frame 0: 1 (the first frame again) + 10 * 3, less than nothing after the sign changed, then 0.5 + 2 * 31.
    assert network.forward(simple, frames).tolist() == [[62.5], [86.5]]
    assert (simple.left_context, simple.right_context, simple.parameters) == (1, 2, 3)


def test_folding_the_batch_norms_away_changes_no_number() -> None:
    trained = random_network(log_softmax=False)
    folded = network.folded(trained)
    assert all(layer.scale is None and layer.shift is None for layer in folded.layers)
    assert np.allclose(network.forward(trained, FEATURES), network.forward(folded, FEATURES), atol=2e-3)


def test_a_scale_that_cannot_be_folded_is_told() -> None:
    trained = random_network()
    first = replace(trained.layers[0], scale=-trained.layers[0].scale)  # type: ignore[operator]  # it has one
    with pytest.raises(ValueError, match=r"layer in: a scale of -.* after a ReLU cannot be folded"):
        network.folded(replace(trained, layers=(first, *trained.layers[1:])))


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    network.save(tmp_path / "network.npz", random_network())
    loaded = network.load(tmp_path / "network.npz")
    assert loaded.mean is None
    assert np.array_equal(network.forward(loaded, FEATURES), network.forward(random_network(), FEATURES))


def test_half_precision_is_kept_with_the_mean_of_the_training(tmp_path: Path) -> None:
    trained = replace(random_network(), mean=np.linspace(-50, 90, 40))
    network.save(tmp_path / "network.npz", trained, np.float16)
    loaded = network.load(tmp_path / "network.npz")
    assert loaded.mean is not None
    assert np.allclose(loaded.mean, trained.mean)  # type: ignore[arg-type]  # it was just set
    assert np.abs(network.forward(loaded, FEATURES) - network.forward(trained, FEATURES)).max() < 0.5


def test_an_exported_network_is_read_back_with_the_same_numbers(tmp_path: Path) -> None:
    trained = random_network()
    kaldi_io.write(tmp_path / "mdl", export.acoustic_model(trained, is_compressed=False))
    read = kaldi_io.read(tmp_path / "mdl")
    again = network.from_kaldi(read, is_log=True)
    assert np.allclose(network.forward(again, FEATURES), network.forward(trained, FEATURES), atol=2e-3)
