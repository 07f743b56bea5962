"""`pack check` and `pack copy`: what a pack that loads can still have wrong, and what the person is told to do."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pi_companion.cli import app
from pi_companion.cli_upkeep import out
from pi_companion.core.settings import Pack
from pi_companion.errors import PackError, UsageError
from pi_companion.packs import BUNDLED, hearable, listing, load_pack, soundalikes, written
from pi_companion.packs.soundalikes import Verdict
from pi_companion.speech import models, vosk_recogniser
from pi_companion.speech.phonetics import compile_phrase
from pi_companion.speech.syllables import SYLLABLES
from pi_companion.speech.vocabulary import Vocabulary, of, of_model

NAMES = {"agent_name": "小李"}
KINDS = {True: "error", False: "warning"}


@cache
def bundled_model() -> Vocabulary:
    return of_model(vosk_recogniser.load(models.bundled().path), "companion-zh")


def edited(folder: Path, *changes: tuple[str, str]) -> Path:
    text = BUNDLED.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def opened(path: Path | None) -> tuple[Pack, tuple[written.PackEntry, ...]]:
    pack = load_pack(path, names=NAMES)
    return pack, written.entries(path, pack, NAMES)


def row(rule: str, which: int = 1) -> str:
    """Where the bundled pack has a rule, the first of its rows or a later one, as complaints name it."""
    places = [number for number, each in enumerate(load_pack(names=NAMES).rules, 1) if each.id == rule]
    return f"rule[{places[which - 1]} {rule}]"


def unheard(path: Path | None, vocabulary: Vocabulary) -> list[str]:
    pack, entries = opened(path)
    found = hearable.findings(entries, pack.limits.spotting, vocabulary, "companion-zh")
    return [f"{KINDS[each.is_error]}: {each}" for each in found]


def alike(path: Path | None) -> tuple[soundalikes.Alike, ...]:
    pack, entries = opened(path)
    return soundalikes.alikes(entries, pack, bundled_model())


def told(path: Path, place: str) -> list[str]:
    """What is said about likeness at one place of the file."""
    found = soundalikes.findings(alike(path))
    return [f"{KINDS[each.is_error]}: {each.told}" for each in found if each.place == place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended; `mistake` is what it raised."""

    code: int
    out: str
    told: str
    mistake: BaseException | None


def run(*words: object) -> Ended:
    done = CliRunner().invoke(app, ["pack", *map(str, words)])
    return Ended(code=done.exit_code, out=done.stdout, told=done.stderr, mistake=done.exception)


# Can it be heard?


def test_the_bundled_pack_passes_with_the_bundled_model() -> None:
    ended = run("check")

    assert (ended.code, ended.mistake) == (0, None)
    assert "all can be heard by companion-zh" in ended.out


def test_the_bundled_pack_can_be_heard_by_a_model_of_syllables() -> None:
    assert unheard(None, of(SYLLABLES.__contains__)) == []


def test_a_single_syllable_that_is_no_word_of_the_model_is_an_error(tmp_path: Path) -> None:
    path = edited(tmp_path, ('"(喂|嘿)"', '"(喂|嘿)", "嗬"'))

    assert unheard(path, bundled_model())[1] == (
        "error: rule[2 OPEN-2].phrases[3]: “嗬” can never be heard: companion-zh has no word 嗬, and one "
        "syllable counts only as that very word, so the device would keep silent; say it in other words, take it out, "
        "or use a model that has them (pi-companion model list)"
    )


def test_a_sound_that_no_word_of_the_model_has_is_an_error_where_the_phrase_must_be_exact(tmp_path: Path) -> None:
    path = edited(tmp_path, ('"机子"', '"机子", "好囧"'))

    (only,) = [each for each in unheard(path, bundled_model()) if "SAY-DEVICE" in each]

    assert only == (
        "error: rule[10 SAY-DEVICE].phrases[2]: “好囧” can never be heard: companion-zh has no word with the sound "
        "jiong, and a likeness of 1.00 is needed, so the device would keep silent; of it the model knows: 好; say it "
        "in other words, take it out, or use a model that has them (pi-companion model list)"
    )


def test_the_same_sound_in_a_long_phrase_is_a_warning(tmp_path: Path) -> None:
    path = edited(tmp_path, ('"机子"', '"机子", "这个问题真的让人很囧啊"'))

    (only,) = [each for each in unheard(path, bundled_model()) if "SAY-DEVICE" in each]

    assert only.startswith(
        "warning: rule[10 SAY-DEVICE].phrases[2]: “这个问题真的让人很囧啊” is heard only badly: companion-zh has "
        "no word with the sound jiong; at its best likeness 0."
    )


def test_one_wording_of_several_that_cannot_be_heard_is_a_warning() -> None:
    assert unheard(None, bundled_model())[0] == (
        "warning: rule[2 OPEN-2].phrases[2]: “嘿” of “(喂|嘿)” can never be heard: companion-zh has no word 嘿, and "
        "one syllable counts only as that very word; the other wordings can"
    )


def test_a_polite_form_that_cannot_be_heard_excuses_nothing(tmp_path: Path) -> None:
    path = edited(tmp_path, ('excused_by = ["机自', 'excused_by = ["囧吗", "机自'))

    (only,) = [each for each in unheard(path, bundled_model()) if "SAY-DEVICE" in each]

    assert only.startswith("warning: rule[10 SAY-DEVICE].excused_by[1]: “囧吗” can never be heard: ")
    assert ", so it excuses nothing; " in only


def test_fillers_alone_never_count_as_a_whole_utterance(tmp_path: Path) -> None:
    path = edited(tmp_path, ('phrases = ["为什么"]', 'phrases = ["为什么", "嗯啊"]'))

    (only,) = [each for each in unheard(path, bundled_model()) if "TABOO-CHALLENGE" in each]

    assert only.startswith(
        f"error: {row('TABOO-CHALLENGE', 3)}.phrases[2]: “嗯啊” can never be heard: fillers like 嗯 and 啊 do not count"
    )


# What sounds alike?


def test_a_line_to_say_that_is_itself_a_fault_is_an_error(tmp_path: Path) -> None:
    path = edited(tmp_path, ('say = "请问您怎么称呼？"', 'say = "你等一下，您贵姓？"'))

    assert told(path, "rule[5 SAY-NAME].say")[0] == (
        "error: “你等一下，您贵姓？” is what the agent is told to say, and it is heard as the fault “你等一下” "
        "(rule[4 SAY-WAIT].phrases[2]), likeness 1.00; change the line, or list its wording under excused_by of "
        "SAY-WAIT"
    )


def test_a_text_that_the_agent_is_told_to_say_is_checked_as_well(tmp_path: Path) -> None:
    path = edited(tmp_path, ('hold.apologise = "抱歉，让您久等了"', 'hold.apologise = "抱歉，机子坏了"'))

    (only,) = told(path, "texts.hold.apologise")

    assert only == (
        "error: “抱歉，机子坏了” is what the agent is told to say, and it is heard as the fault “机子” "
        "(rule[10 SAY-DEVICE].phrases[1]), likeness 1.00; change the line, or list its wording under excused_by of "
        "SAY-DEVICE"
    )


def test_a_refusal_that_would_press_the_key_is_an_error(tmp_path: Path) -> None:
    path = edited(tmp_path, ('"等不了", "等不及"', '"好的算了", "等不了", "等不及"'))

    assert told(path, f"{row('HOLD-2', 2)}.phrases[3]")[0] == (
        f"error: “好的算了” is also heard as “好的” ({row('HOLD-2')}.phrases[1]), likeness 1.00, which presses the "
        "MUTE key; if that is not meant, list it under excused_by of HOLD-2"
    )


def test_two_phrases_that_nearly_sound_alike_are_a_warning_with_how_near(tmp_path: Path) -> None:
    path = edited(tmp_path, ('"您叫什么名字"]', '"您叫什么名字", "机智"]'))

    (only,) = told(path, "rule[5 SAY-NAME].phrases[3]")

    assert re.fullmatch(
        r"warning: “机智” sounds like “机子” \(rule\[10 SAY-DEVICE\].phrases\[1\]\): likeness 0\.9\d, "
        r"and from 1\.00 on it is taken for it; if both are needed, try them in a replay",
        only,
    )


def test_two_phrases_that_do_not_sound_alike_are_not_told(tmp_path: Path) -> None:
    path = edited(tmp_path, ('"您叫什么名字"]', '"您叫什么名字", "机器"]'))

    assert told(path, "rule[5 SAY-NAME].phrases[3]") == []


def test_what_a_polite_form_excuses_is_listed_with_its_likeness() -> None:
    assert [(each.said, each.heard, each.score_pm, each.verdict) for each in alike(None) if each.heard == "他不在"] == [
        ("它不再提", "他不在", 1000, Verdict.EXCUSED)
    ]


def test_scopes_that_never_meet_and_rows_of_one_id_are_no_news() -> None:
    pairs = {(each.said_by.id, each.heard_by.id) for each in alike(None) if each.said_by and not each.is_line}
    assert pairs.isdisjoint({("OPEN-2", "TABOO-HEY"), ("TABOO-HEY", "OPEN-2"), ("RING-2", "HOLD-3")})


# The command


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("祝您…3节愉快", "zhu ni/nin …3 jie yu kuai"),
        ("{number}点到", "{number} ({number} {number}) dian dao"),
        ("你等一下", "ni/nin deng yi xia"),
    ],
)
def test_a_wording_is_listed_by_its_sound(phrase: str, expected: str) -> None:
    assert [listing.sounds(wording) for wording in compile_phrase(phrase, names={})] == [expected]


def test_a_wording_is_shown_in_words_of_the_model_and_what_it_lacks_is_marked() -> None:
    assert listing.in_words("嘿…台式机", bundled_model()) == "‹嘿› … 台式机"


def test_every_rule_is_listed_with_its_wordings_side_and_scope_in_plain_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(out, "width", 200)  # it is made when first imported, as wide as the terminal then was
    said = " ".join(run("check", "--model", "none").out.split())

    assert f"{row('TABOO-BYE')} not to be said; said by the agent, anywhere in the call" in said
    assert (
        "那就这样(，挂了|) 那就这样，挂了 na/nei jiu zhe/zhei yang gua le/liao 0.78 那就这样 na/nei jiu zhe/zhei yang"
        in said
    )
    assert f"{row('HOLD-2')} agrees to wait: presses MUTE; said by the customer" in said
    assert "no fault inside: 不要紧 · 不用谢" in said
    assert "no model was asked" in said


def test_everything_that_is_wrong_is_told_at_once_and_ends_with_3(tmp_path: Path) -> None:
    path = edited(tmp_path, ('"(喂|嘿)"', '"嘿"'), ('"机子"', '"机子", "好囧"'), ('say = "机器"', 'say = "机子啊"'))

    ended = run("check", path, "--quiet")

    assert isinstance(ended.mistake, PackError)
    assert ended.mistake.exit_code == 3
    assert (ended.mistake.source, [each.partition(": ")[0] for each in ended.mistake.complaints]) == (
        str(path),
        ["rule[2 OPEN-2].phrases[2]", "rule[10 SAY-DEVICE].phrases[2]", "rule[10 SAY-DEVICE].say"],
    )


def test_quiet_prints_complaints_only() -> None:
    ended = run("check", "--quiet")

    assert (ended.code, ended.out) == (0, "")
    assert {line.split(": ")[0] for line in ended.told.splitlines()} == {"warning"}


def test_a_name_from_the_site_file_is_part_of_what_is_checked(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[station]\nagent_name = "小王"\n', encoding="utf-8")

    assert "xiao wang wei" in " ".join(run("check", "--site", tmp_path / "site.toml", "--model", "none").out.split())


def test_a_mistake_of_form_keeps_its_own_message(tmp_path: Path) -> None:
    ended = run("check", edited(tmp_path, ('"机子"', '"机子("')))

    assert str(ended.mistake).endswith("rule[10 SAY-DEVICE].phrases[1]: “机子(” a bracket ( is not closed")


def test_a_copy_is_the_bundled_pack_and_never_goes_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"

    first, second = run("copy", path), run("copy", path)

    assert (first.code, path.read_bytes()) == (0, BUNDLED.read_bytes())
    assert isinstance(second.mistake, UsageError)
    assert str(second.mistake) == f"{path}: is already there; name another file, or move it away"
