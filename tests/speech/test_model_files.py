"""A model folder is judged whole or not before Vosk sees it, with every complaint at once."""

import hashlib
import shutil
from pathlib import Path

import pytest
import vosk

from pi_companion.errors import ModelError
from pi_companion.speech.model_files import check, try_in_vosk, write_sums
from pi_companion.speech.models import bundled
from tests.speech.small_models import ACOUSTIC, folder, graph, lookahead, static

IVECTOR = ("final.dubm", "final.ie", "final.mat", "global_cmvn.stats", "online_cmvn.conf", "splice.conf")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def complaints(at: Path) -> list[str]:
    with pytest.raises(ModelError) as caught:
        check(at)
    return [line.removeprefix(f"{at}: ") for line in str(caught.value).splitlines()]


def test_the_bundled_model_is_whole() -> None:
    check(bundled().path)


def test_the_bundled_models_checksums_cover_all_of_it_but_its_card() -> None:
    path = bundled().path
    lines = (path / "SHA256").read_text(encoding="utf-8").splitlines()

    covered = {line.split("  ")[1] for line in lines}

    files = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
    assert covered == files - {"SHA256", "MODEL-CARD.md"}


def test_vosk_loads_the_bundled_model_and_hears_nothing_in_silence() -> None:
    vosk.SetLogLevel(-1)
    recogniser = vosk.KaldiRecognizer(vosk.Model(str(bundled().path)), 16000)

    recogniser.AcceptWaveform(bytes(32000))

    assert recogniser.FinalResult() == '{\n  "text" : ""\n}'


@pytest.mark.parametrize("files", [lookahead(), static()], ids=["look-ahead graph", "static graph"])
def test_either_graph_layout_is_whole(files: dict[str, bytes], tmp_path: Path) -> None:
    check(folder(tmp_path, files))


def test_a_whole_ivector_extractor_is_accepted(tmp_path: Path) -> None:
    check(folder(tmp_path, lookahead() | {f"ivector/{name}": b"--x=1\n" for name in IVECTOR}))


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    assert complaints(tmp_path / "no-such-model") == ["is missing"]


def test_a_file_in_place_of_the_folder_is_named_as_that(tmp_path: Path) -> None:
    file = tmp_path / "model.zip"
    file.write_bytes(b"PK")

    assert complaints(file) == ["is not a folder"]


def test_the_older_layout_is_named_and_refused(tmp_path: Path) -> None:
    old = folder(tmp_path, {"final.mdl": ACOUSTIC, "mfcc.conf": b"--dither=0\n", "HCLG.fst": graph(has_words=True)})

    assert complaints(old) == [
        "is in the older layout (final.mdl at the top); a current model has am/, conf/ and graph/"
    ]


def test_the_folder_around_a_model_points_to_the_model_inside(tmp_path: Path) -> None:
    folder(tmp_path / "vosk-model", lookahead())

    assert complaints(tmp_path) == ["is not a model itself; there is one inside: vosk-model"]


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    files = lookahead() | {
        "am/final.mdl": ACOUSTIC[:-3],
        "conf/mfcc.conf": b"",
        "conf/model.conf": b"--beam=12\nhello\n",
        "graph/HCLr.fst": b"<!DOCTYPE html>",
        "graph/disambig_tid.int": b"11\ntwelve\n",
    }
    del files["graph/Gr.fst"]

    found = complaints(folder(tmp_path, files))

    assert found == [
        "am/final.mdl is truncated: its priors do not end where the file ends",
        "conf/mfcc.conf is empty",
        "conf/model.conf line 2 is not an option (--name=value)",
        "graph/HCLr.fst does not begin as a binary FST",
        "graph/Gr.fst is missing",
        "graph/disambig_tid.int is not a list of whole numbers",
    ]


def test_an_acoustic_model_in_another_format_is_refused(tmp_path: Path) -> None:
    other = folder(tmp_path, lookahead() | {"am/final.mdl": b"<TransitionModel> as text"})

    assert complaints(other) == ["am/final.mdl does not begin as a binary Kaldi acoustic model"]


def test_a_model_without_any_graph_gets_one_complaint_about_it(tmp_path: Path) -> None:
    files = {name: data for name, data in lookahead().items() if not name.startswith("graph/")}

    assert complaints(folder(tmp_path, files)) == [
        "graph/ has neither HCLG.fst nor HCLr.fst with Gr.fst and disambig_tid.int"
    ]


def test_a_graph_without_words_needs_the_word_list(tmp_path: Path) -> None:
    files = static()
    del files["graph/words.txt"]

    assert complaints(folder(tmp_path, files)) == [
        "graph/words.txt is missing, and graph/HCLG.fst carries no words of its own"
    ]


def test_part_of_an_ivector_extractor_is_not_enough(tmp_path: Path) -> None:
    files = lookahead() | {f"ivector/{name}": b"--x=1\n" for name in IVECTOR if name != "final.ie"}

    assert complaints(folder(tmp_path, files)) == ["ivector/final.ie is missing"]


def test_a_network_that_asks_for_an_ivector_needs_the_extractor(tmp_path: Path) -> None:
    acoustic = ACOUSTIC.replace(b"\ninput-node", b"\ninput-node name=ivector dim=30\ninput-node")

    found = complaints(folder(tmp_path, lookahead() | {"am/final.mdl": acoustic}))

    assert found == [f"ivector/{name} is missing" for name in IVECTOR]


def test_checksums_find_what_structure_cannot(tmp_path: Path) -> None:
    model = folder(tmp_path, lookahead() | {"README": b"about"})
    write_sums(model)
    whole, cut = graph(has_words=True), graph(has_words=True)[:-1]
    (model / "graph/Gr.fst").write_bytes(cut)
    (model / "README").unlink()

    found = complaints(model)

    assert found == [
        "README is missing, SHA256 names it",
        f"graph/Gr.fst is not what SHA256 says: found {digest(cut)}, expected {digest(whole)}",
    ]


@pytest.mark.parametrize("line", ["not a checksum", f"{'0' * 64}  /etc/hostname", f"{'0' * 64}  ../other/file"])
def test_a_checksum_line_that_leads_elsewhere_is_refused(line: str, tmp_path: Path) -> None:
    model = folder(tmp_path, lookahead() | {"SHA256": line.encode()})

    assert complaints(model) == ["SHA256 line 1 is not a checksum and a file of this folder"]


def test_written_checksums_cover_every_file_and_pass_the_check(tmp_path: Path) -> None:
    model = folder(tmp_path, static())

    write_sums(model)

    check(model)
    names = [line.split("  ")[1] for line in (model / "SHA256").read_text(encoding="utf-8").splitlines()]
    assert names == sorted(static())


def test_a_trial_in_vosk_passes_the_bundled_model() -> None:
    try_in_vosk(bundled().path)


def test_a_trial_in_vosk_finds_an_acoustic_model_that_structure_cannot_judge(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(bundled().path, model)
    (model / "SHA256").unlink()
    acoustic = model / "am/final.mdl"
    data = acoustic.read_bytes()
    acoustic.write_bytes(data[:40] + bytes(200) + data[240:])
    check(model)

    with pytest.raises(ModelError, match=f"^{model}: Vosk cannot load it: "):
        try_in_vosk(model)


def test_a_graph_cut_short_is_found_by_its_arcs(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(bundled().path, model)
    (model / "SHA256").unlink()
    words = model / "graph/Gr.fst"
    words.write_bytes(words.read_bytes()[:-1000])

    assert complaints(model) == ["graph/Gr.fst has a state whose arcs are elsewhere: it is damaged"]
