"""Training computes what the network's own forward pass computes, learns, and goes on where it was interrupted.

Only where torch is: in the environment of `make model`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.model.examples import Examples
from firmware.model.network import Layer, Network, forward

pytest.importorskip("torch", reason="torch is only in the environment of `make model` (build/model/venv)")
from firmware.model import train, trainable, units

UNITS = len(units.UNITS)


def network(seed: int = 0, width: int = 16) -> Network:
    rng = np.random.default_rng(seed)

    def layer(name: str, inputs: int, offsets: tuple[int, ...], outputs: int = width, **more: Any) -> Layer:  # noqa: ANN401 - fields of Layer
        weight = rng.normal(0, 0.3 / len(offsets), (outputs, inputs * len(offsets))).astype(np.float32)
        return Layer(
            name=name, offsets=offsets, weight=weight, bias=rng.normal(0, 0.1, outputs).astype(np.float32), **more
        )

    scaled: dict[str, Any] = {
        "relu": True,
        "scale": np.full(width, 0.8, np.float32),
        "shift": np.full(width, -0.1, np.float32),
    }
    return Network(
        layers=(
            layer("first", 40, (-1, 0, 1), **scaled),
            layer(train.BORDER, width, (-1, 0), **scaled, bypass=("first", 0.66)),
            layer("tdnnf5.linear", width, (-3, 0), outputs=8),
            layer("tdnnf5.affine", 8, (0, 3), **scaled, bypass=(train.BORDER, 0.66)),
            layer("output.affine", width, (0,), outputs=UNITS),
        )
    )


def examples(count: int = 12) -> Examples:
    rng = np.random.default_rng(1)
    frame_counts = rng.integers(31, 60, count).astype(np.int32)
    label_counts = np.array([4] * (count - 1) + [0], np.int32)
    labels = np.array([rng.integers(1, UNITS) for _ in range(label_counts.sum())], np.int32)
    return Examples(rng.normal(0, 1, (frame_counts.sum(), 40)).astype(np.float16), frame_counts, labels, label_counts)


SETTINGS = train.Settings(
    learn_from="tdnnf5.linear", epochs=30, rate=5e-3, warm_up=5, batch_frames=200, masked=0, dropout=0
)


def test_it_computes_what_the_exported_network_computes() -> None:
    net = network()
    model = trainable.Trainable(net, train.BORDER)
    for frames in (30, 31, 32, 61):
        features = np.random.default_rng(frames).normal(0, 1, (frames, 40)).astype(np.float32)
        logits = model(model.padded(features)[None])[0].detach().numpy()
        scores = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        assert np.abs(scores - forward(net, features)).max() < 1e-4


def test_what_the_frozen_layers_give_is_made_once_and_each_example_gets_its_own(tmp_path: Path) -> None:
    model = trainable.Trainable(network(), train.BORDER)
    made = examples()
    kept = train.keep(model, [made], tmp_path / "rows.bin")
    for index, (frames, _) in enumerate(sorted(made, key=lambda pair: len(pair[0]))):
        expected = model.lower(model.padded(frames)[None])[0]
        assert kept.example(index).float().numpy() == pytest.approx(expected.numpy(), abs=0.05)
    before = (tmp_path / "rows.bin").stat().st_mtime_ns
    train.keep(model, [made], tmp_path / "rows.bin")
    assert (tmp_path / "rows.bin").stat().st_mtime_ns == before


def test_it_learns_and_leaves_what_is_frozen(tmp_path: Path) -> None:
    net, made = network(), examples()
    kept = train.keep(trainable.Trainable(net, train.BORDER), [made], tmp_path / "rows.bin")
    learnt = train.train(net, kept, SETTINGS, tmp_path / "state", {})
    rates = [train.test(trainable.Trainable(one, train.BORDER), {"all": made})["all"] for one in (net, learnt)]
    assert rates[1] < 0.7 * rates[0]
    assert np.array_equal(learnt.layers[0].weight, net.layers[0].weight)
    assert not np.array_equal(learnt.layers[2].weight, net.layers[2].weight)


def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, made = network(), examples()
    kept = train.keep(trainable.Trainable(net, train.BORDER), [made], tmp_path / "rows.bin")
    whole = train.train(net, kept, SETTINGS, tmp_path / "whole", {})

    loss_of, calls = train.loss_of, 0

    def interrupted(*arguments: Any) -> Any:  # noqa: ANN401 - as loss_of
        nonlocal calls
        calls += 1
        if calls == 20:
            raise KeyboardInterrupt
        return loss_of(*arguments)

    monkeypatch.setattr(train, "loss_of", interrupted)
    monkeypatch.setattr(train, "_SAVE_EVERY_S", -1)
    with pytest.raises(KeyboardInterrupt):
        train.train(net, kept, SETTINGS, tmp_path / "state", {})
    resumed = train.train(net, kept, SETTINGS, tmp_path / "state", {})
    assert calls > 20
    for one, other in zip(whole.layers, resumed.layers, strict=True):
        assert np.array_equal(one.weight, other.weight)


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [train.rate_at(SETTINGS, step, 100) for step in range(101)]
    assert rates[0] < rates[4] == max(rates)
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(0)
