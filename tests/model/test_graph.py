"""The decoding graph in Vosk: what is said comes out, as hanzi where there is a word, else as syllables; and when."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import vosk

from firmware.model import graph
from firmware.model.lexicon import lexicon
from firmware.model.units import encode
from tests.model.loudness import FRAME_S, sound, write_model

pytestmark = pytest.mark.skipif(
    not shutil.which("fstconvert"),
    reason="OpenFst's fstconvert is missing; make setup installs it where there is apt-get",
)

WORDS = {
    "你": (("ni",),), "好": (("hao",),), "你好": (("ni", "hao"),), "拟": (("ni",),), "谁": (("shei",), ("shui",)),
    "ni": (("ni",),), "hao": (("hao",),), "shui": (("shui",),), "fo": (("fo",),),
}  # fmt: skip


class Heard:
    """A model of few words, and what it hears."""

    def __init__(self, folder: Path) -> None:
        self.used = write_model(folder, WORDS)
        vosk.SetLogLevel(-2)
        self.model = vosk.Model(str(folder))

    def say(
        self, *stretches: str | int, grammar: list[str] | None = None, rate_hz: int = 16000
    ) -> list[dict[str, Any]]:
        """Hear syllables, each unit for two frames with one of blank after it, and silences of so many frames."""
        units: list[int] = []
        for stretch in stretches:
            if isinstance(stretch, int):
                units += [0] * stretch
            else:
                units += [each for unit in encode(stretch.split()) for each in (unit, unit, 0)]
        given = [json.dumps(grammar, ensure_ascii=False)] if grammar else []
        recogniser = vosk.KaldiRecognizer(self.model, rate_hz, *given)
        recogniser.SetWords(True)
        recogniser.AcceptWaveform(sound(units, self.used, rate_hz))
        found: list[dict[str, Any]] = json.loads(recogniser.FinalResult()).get("result", [])
        return found


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    return Heard(tmp_path_factory.mktemp("model"))


def written(words: list[dict[str, Any]]) -> str:
    return " ".join(word["word"] for word in words)


def test_a_word_comes_out_with_its_characters_and_anything_else_as_syllables(heard: Heard) -> None:
    assert written(heard.say(5, "ni hao", 10)) == "你好"
    assert written(heard.say(5, "fo hao fo", 10)).split()[::2] == ["fo", "fo"]


def test_each_reading_of_a_word_leads_to_it(heard: Heard) -> None:
    assert written(heard.say(5, "shei", 10, grammar=["谁"])) == "谁"
    assert written(heard.say(5, "shui", 10, grammar=["谁"])) == "谁"


def test_a_grammar_takes_words_and_syllables_and_tells_words_of_one_sound_apart(heard: Heard) -> None:
    assert written(heard.say(5, "ni", 10, grammar=["拟", "hao"])) == "拟"
    assert written(heard.say(5, "ni", 10, grammar=["ni", "hao"])) == "ni"
    assert written(heard.say(5, "hao fo", 10, grammar=["你好", "hao fo", "ni"])) == "hao fo"


def test_a_word_lasts_from_a_little_before_its_first_unit_to_a_little_after_its_last(heard: Heard) -> None:
    (word,) = heard.say(20, "ni hao", 30)
    first = 20 - graph.AHEAD_FRAMES
    after = 20 + 11 + graph.AFTER_FRAMES  # four units of two frames, a blank after each of the first three
    assert abs(word["start"] - first * FRAME_S) <= FRAME_S
    assert abs(word["end"] - after * FRAME_S) <= FRAME_S


def test_words_that_follow_at_once_share_what_is_between_them(heard: Heard) -> None:
    first, second = heard.say(20, "fo", 1, "fo", 30, grammar=["fo"])
    assert first["end"] <= second["start"]
    assert second["start"] - first["end"] <= FRAME_S


def test_a_telephone_rate_is_heard_too(heard: Heard) -> None:
    assert heard.say(5, "ni hao", 10, rate_hz=8000)


def test_a_missing_tool_is_told_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_PATH", str(tmp_path))
    with pytest.raises(graph.GraphError, match="apt-get install libfst-tools libfst22-plugins-base"):
        graph.write(tmp_path, lexicon([]), lambda _: pytest.fail("it should not come to this"))
