"""Nobody kept for evaluation is trained on, every recording is known, and what is wrong is said."""

import hashlib
import random
from pathlib import Path

import pytest

from firmware.model import corpus
from firmware.model.corpus import MaterialError, Utterance

HEADER = "file\tbegan_sample\tended_sample\tspeaker\ttext\tpinyin\tlicence\n"


def spoken(speaker: str, pinyin: str = "ni hao", file: str = "dspspeech20-x-00.ogg") -> Utterance:
    return Utterance(
        file=Path(file), began=0, ended=16_000, speaker=speaker, pinyin=tuple(pinyin.split()), licence="MIT"
    )


def test_a_manifest_is_read(tmp_path: Path) -> None:
    table = tmp_path / "manifest.tsv"
    table.write_text(HEADER + "a-b-00.ogg\t160\t16160\tb\t你好\tni hao\tMIT\n", "utf-8")
    expected = Utterance(
        file=tmp_path / "a-b-00.ogg",
        began=160,
        ended=16_160,
        speaker="b",
        pinyin=("ni", "hao"),
        licence="MIT",
        text="你好",
    )
    assert corpus.read_manifest(table) == [expected]
    assert (expected.source, expected.seconds) == ("a", 1.0)


@pytest.mark.parametrize(
    "line", ["a.ogg\t1\t2\tb", "a.ogg\tx\t2\tb\t\tni\tMIT", "a.ogg\t9\t2\tb\t\tni\tMIT", "a.ogg\t1\t2\tb\t\t\tMIT"]
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    table = tmp_path / "manifest.tsv"
    table.write_text(HEADER + line + "\n", "utf-8")
    with pytest.raises(MaterialError, match="line 2"):
        corpus.read_manifest(table)


@pytest.mark.parametrize(
    "speaker", ["aishell_S0150", "dsp20_05", "zf_xiaoyi", "zm_yunxi+zm_yunyang*0.40", "zf_xiaoyi+af_bella*0.9"]
)
def test_who_is_kept_for_evaluation_is_never_trained_on(speaker: str) -> None:
    others = [spoken("dsp20_01"), spoken("zf_xiaoxiao+af_bella*0.50")]
    assert corpus.for_training([spoken(speaker), *others]) == others


def test_words_join_with_those_of_the_same_speaker_each_once() -> None:
    words = [spoken(speaker, "ni hao" if number % 2 else "ba") for speaker in ("a", "b") for number in range(60)]
    groups = corpus.sentence_plan(random.Random(1), words)  # noqa: S311 - choices, not secrets
    assert sorted(id(word) for group in groups for word in group) == sorted(id(word) for word in words)
    assert all(len({word.speaker for word in group}) == 1 for group in groups)
    lengths = {len(group) for group in groups}
    assert min(lengths) == 1
    assert max(sum(len(word.pinyin) for word in group) for group in groups) in range(10, 14)


def test_material_that_is_missing_or_changed_is_said(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"there")
    (tmp_path / "other").write_bytes(b"other")
    hashes = tmp_path / "hashes"
    lines = [(b"there", "there"), (b"another", "other"), (b"", "gone"), (b"", "lost")]
    hashes.write_text("".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for content, name in lines))
    with pytest.raises(MaterialError, match=r"2 missing \(first: gone\), 1 changed \(first: other\).*MATERIAL="):
        corpus.check_material(tmp_path, hashes)
    hashes.write_text(hashes.read_text().splitlines()[0] + "\n")
    corpus.check_material(tmp_path, hashes)


def test_sources_are_added_up_for_the_card() -> None:
    rows = corpus.sources([spoken("a"), spoken("b"), spoken("b", file="000.flac")])
    assert [(row["source"], row["speakers"], row["utterances"]) for row in rows] == [
        ("dspspeech20", 2, 2),
        ("synthetic", 1, 1),
    ]
