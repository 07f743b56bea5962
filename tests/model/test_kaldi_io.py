import struct
from pathlib import Path

import numpy as np
import pytest

from firmware.model import export, kaldi_io
from firmware.model.kaldi_io import AcousticModel, Component, Compressed, Double, KaldiFormatError
from tests.model.networks import random_network


def every_kind() -> AcousticModel:
    """A model with a value of every kind that components have."""
    component = Component(
        kind="TdnnComponent",
        fields={
            "<MaxChange>": (0.75,), "<TimeOffsets>": ([-1, 0],), "<LinearParams>": (np.ones((2, 3), np.float32),),
            "<BiasParams>": (np.zeros(0, np.float32),), "<UseNaturalGradient>": (True,), "<TestMode>": (False,),
            "<AlphaInOut>": (4.0, 4.0), "<RankInOut>": (20, 80), "<Count>": (Double(1e300),), "<Continuous>": (),
            "<StatsMean>": (np.arange(3.0),), "<Dim>": (60,),
        },
    )  # fmt: skip
    return AcousticModel(
        transitions=kaldi_io.transition_model([0, 0, 1]),
        config=("input-node name=input dim=40", "output-node name=output input=input objective=linear"),
        components={"one": component},
        left_context=3,
        right_context=4,
        priors=np.array([0.5, 0.25], np.float32),
    )


def test_what_was_written_is_read_and_written_the_same(tmp_path: Path) -> None:
    kaldi_io.write(tmp_path / "first", every_kind())
    kaldi_io.write(tmp_path / "second", kaldi_io.read(tmp_path / "first"))
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    found = kaldi_io.read(tmp_path / "first")
    assert found.components["one"].fields["<RankInOut>"] == (20, 80)
    assert found.components["one"].fields["<TimeOffsets>"] == ([-1, 0],)
    assert found.components["one"].fields["<UseNaturalGradient>"] == (True,)
    assert (found.left_context, found.right_context, found.priors.tolist()) == (3, 4, [0.5, 0.25])


def test_a_compressed_matrix_is_within_a_hundredth_of_its_spread_and_read_as_it_was_foreseen(tmp_path: Path) -> None:
    matrix = np.random.default_rng(1).normal(size=(300, 40)).astype(np.float32)
    compressed = Compressed(matrix)
    model = every_kind()
    written = AcousticModel(
        transitions=model.transitions,
        config=model.config,
        components={"one": Component(kind="LinearComponent", fields={"<Params>": (compressed,)})},
        left_context=0,
        right_context=0,
    )
    kaldi_io.write(tmp_path / "mdl", written)
    read = kaldi_io.read(tmp_path / "mdl").components["one"].array("<Params>")
    assert np.array_equal(read, compressed.decoded())
    assert np.abs(read - matrix).mean() < 0.01
    assert (tmp_path / "mdl").stat().st_size < 300 * 40 + 1000


def test_a_matrix_of_one_number_throughout_survives_compression() -> None:
    same = np.full((5, 4), -2.5, np.float32)
    assert np.allclose(Compressed(same).decoded(), same, atol=1e-3)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_file_cut_short_is_told_with_its_place(tmp_path: Path, share: float) -> None:
    model = export.acoustic_model(random_network())
    kaldi_io.write(tmp_path / "mdl", model)
    whole = (tmp_path / "mdl").read_bytes()
    (tmp_path / "mdl").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(KaldiFormatError, match=r"mdl: (byte \d+: .+|is no binary)"):
        kaldi_io.read(tmp_path / "mdl")


def test_the_transition_model_has_one_state_a_phone_and_shares_outputs() -> None:
    written = kaldi_io.transition_model([0, 0, 1])
    triples = written.split(b"<Triples> ")[1].split(b"</Triples>")[0]
    numbers = [struct.unpack("<i", triples[at + 1 : at + 5])[0] for at in range(0, len(triples), 5)]
    assert numbers == [3, 1, 0, 0, 2, 0, 0, 3, 0, 1]
