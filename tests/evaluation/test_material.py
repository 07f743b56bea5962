from pathlib import Path

import numpy as np
import pytest
import soundfile

from pi_companion.errors import UsageError
from pi_companion.evaluation.material import Drill, MaterialError, read_drill, read_recordings, read_samples
from pi_companion.evaluation.report import SENTENCES, SINGLE_WORDS
from pi_companion.evaluation.runs import kind

DRILL_HEAD = "file\trule\tphrase\tbegan_ms\tended_ms\ttext\tvoice\n"
RECORDINGS_HEAD = "file\tbegan_sample\tended_sample\tspeaker\ttext\tpinyin\tlicence\n"


def test_a_near_miss_of_a_drill_has_no_rule(tmp_path: Path) -> None:
    (tmp_path / "drill.tsv").write_text(
        DRILL_HEAD + "a.flac\tSAY-WAIT\t等一下\t300\t900\t你等一下\tv\nb.flac\t-\t\t\t\t请稍等\tv\n", encoding="utf-8"
    )

    assert read_drill(tmp_path) == (
        Drill(file=tmp_path / "a.flac", rule="SAY-WAIT", began=300, ended=900, text="你等一下", voice="v"),
        Drill(file=tmp_path / "b.flac", rule="", began=0, ended=0, text="请稍等", voice="v"),
    )


def test_a_folder_without_its_table_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no drill\.tsv there"):
        read_drill(tmp_path)


def test_a_table_without_a_column_is_told_by_column(tmp_path: Path) -> None:
    (tmp_path / "drill.tsv").write_text("file\trule\tbegan_ms\ttext\tvoice\n", encoding="utf-8")

    with pytest.raises(MaterialError, match="no column ended_ms"):
        read_drill(tmp_path)


def test_recordings_are_in_milliseconds_and_keep_given_syllables(tmp_path: Path) -> None:
    (tmp_path / "manifest.tsv").write_text(
        RECORDINGS_HEAD + "a.ogg\t16000\t32000\tp\t\tni hao\tx\na.ogg\t0\t8000\tp\t再见\t\tx\n", encoding="utf-8"
    )

    (stream,) = read_recordings(tmp_path)

    assert [(label.began, label.ended, label.sounds) for label in stream.labels] == [
        (0, 500, ("zai", "jian")),
        (1000, 2000, ("ni", "hao")),
    ]


@pytest.mark.parametrize(("pinyin", "expected"), [("wo men zou ba", SENTENCES), ("ni hao", SINGLE_WORDS)])
def test_people_are_told_apart_by_how_long_their_labels_are(tmp_path: Path, pinyin: str, expected: str) -> None:
    (tmp_path / "manifest.tsv").write_text(RECORDINGS_HEAD + f"a.ogg\t0\t8000\tp\t\t{pinyin}\tx\n", encoding="utf-8")

    assert [kind(stream) for stream in read_recordings(tmp_path)] == [expected]


def test_sound_of_another_rate_is_refused_with_what_was_found(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(800, np.int16), 8000)

    with pytest.raises(MaterialError, match="found 1 channel"):
        read_samples(tmp_path / "a.wav")
