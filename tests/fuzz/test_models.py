"""Model folders with a wrong byte or a missing end: told before Vosk, which may crash, sees them in this process."""

import shutil
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.errors import ModelError
from pi_companion.speech import model_files, models
from pi_companion.speech.model_files import SUMS, try_in_vosk
from pi_companion.speech.models import bundled
from tests.fuzz.budget import budget
from tests.fuzz.mutations import PLACES, damaged
from tests.fuzz.oracle import files, read_or_told
from tests.speech.small_models import folder as written
from tests.speech.small_models import lookahead, static

ARC = struct.Struct("<iifi")


@cache
def graph(name: str) -> bytes:
    return (bundled().path / "graph" / name).read_bytes()


def is_whole(folder: Path) -> bool:
    model_files.check(folder)
    return True


def copied(at: Path, *, sums: bool) -> Path:
    shutil.copytree(bundled().path, at)
    if not sums:
        (at / SUMS).unlink()
    return at


@budget(40)
@given(
    st.sampled_from([lookahead(), static()]).flatmap(
        lambda whole: st.sampled_from(sorted(whole)).flatmap(
            lambda name: st.tuples(st.just(whole), st.just(name), damaged(whole[name]))
        )
    )
)
def test_a_small_model_with_one_damaged_file(case: tuple[dict[str, bytes], str, bytes]) -> None:
    whole, name, data = case
    with files() as place:
        written(place, whole | {name: data})
        read_or_told(lambda: is_whole(place), place)
        shutil.rmtree(place)
        place.mkdir()


@budget(20)
@given(st.text(max_size=60))
def test_checksums_that_are_none(text: str) -> None:
    with files() as place:
        written(place, lookahead() | {SUMS: text.encode("utf-8", "replace")})
        assert not read_or_told(lambda: is_whole(place), place)
        shutil.rmtree(place)
        place.mkdir()


@budget(20)
@given(st.sampled_from(["HCLr.fst", "Gr.fst"]), PLACES)
def test_an_arc_that_leads_nowhere_is_found_wherever_it_is(name: str, place: int) -> None:
    data = bytearray(graph(name))
    header = data.find(b"const")
    states, arcs = struct.unpack_from("<qq", data, header + 5 + 12 + 4 + 4 + 8 + 8)
    begins = header + 5 + 12 + 40 + 20 * states if name == "HCLr.fst" else len(data) - ARC.size * arcs
    at = begins + ARC.size * (place % arcs)
    heard, said, weight, _ = ARC.unpack_from(data, at)
    ARC.pack_into(data, at, heard, said, weight, states)
    with files(Graph_fst=bytes(data)) as where:
        assert model_files._graph(where / "Graph.fst") == "has an arc that leads nowhere: it is damaged"


@pytest.mark.parametrize("name", ["HCLr.fst", "Gr.fst"])
def test_the_bundled_graphs_lead_somewhere(name: str) -> None:
    assert not model_files._graph(bundled().path / "graph" / name)


def _truncated(model: Path) -> None:
    file = model / "am/final.mdl"
    file.write_bytes(file.read_bytes()[:-100_000])


def _half_a_graph(model: Path) -> None:
    file = model / "graph/HCLr.fst"
    file.write_bytes(file.read_bytes()[:300_000])


def _wrong_byte(model: Path) -> None:
    file = model / "am/final.mdl"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x40
    file.write_bytes(data)


def _no_model_conf(model: Path) -> None:
    (model / "conf/model.conf").write_text("--beam=wide\n")


@pytest.mark.parametrize("damage", [_truncated, _half_a_graph, _wrong_byte, _no_model_conf])
def test_a_damaged_copy_of_a_model_never_reaches_vosk(damage: Callable[[Path], None], tmp_path: Path) -> None:
    model = copied(tmp_path / "model", sums=True)
    damage(model)
    tried: list[Path] = []

    with pytest.raises(ModelError, match="model"):
        models.check(model, trial=tried.append)

    assert tried == []


def test_a_model_without_checksums_is_tried_in_a_process_of_its_own_first(tmp_path: Path) -> None:
    model = copied(tmp_path / "model", sums=False)
    tried: list[Path] = []

    models.check(model, trial=tried.append)

    assert tried == [model]


def test_a_model_that_kills_the_process_is_told_by_the_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "_TRIAL", "import os; os.abort()")

    with pytest.raises(ModelError, match="ended with signal 6 in native code; its files are damaged"):
        try_in_vosk(tmp_path)


def test_a_model_whose_words_are_no_text_is_told_by_the_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "_TRIAL", "import os; os.write(2, bytes([0xff, 10])); os._exit(1)")

    with pytest.raises(ModelError, match="Vosk cannot load it"):
        try_in_vosk(tmp_path)


def test_what_vosk_refuses_is_told_by_the_trial(tmp_path: Path) -> None:
    model = copied(tmp_path / "model", sums=False)
    _no_model_conf(model)

    with pytest.raises(ModelError, match="Vosk cannot load it: ERROR"):
        models.check(model)
