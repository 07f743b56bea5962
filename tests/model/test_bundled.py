"""What the bundled model must hold: every phrase of the pack in its words, the numbers of the network kept here."""

import re
from functools import cache
from pathlib import Path

import numpy as np

from firmware.model import cmvn, export, kaldi_io, network
from pi_companion.packs import load_pack
from pi_companion.speech import models, vosk_recogniser
from pi_companion.speech.syllables import SYLLABLES
from pi_companion.speech.vocabulary import Vocabulary, of_model, segment

FOLDER = models.bundled().path
KEPT = Path(network.__file__).with_name("network.npz")


@cache
def vocabulary() -> Vocabulary:
    return of_model(vosk_recogniser.load(FOLDER), "companion-zh")


def test_the_numbers_are_those_of_the_network_that_is_kept() -> None:
    kept = network.load(KEPT)
    assert kept.mean is not None
    bundled = network.from_kaldi(kaldi_io.read(FOLDER / "am/final.mdl"), is_log=True)
    frames = np.random.default_rng(4).normal(scale=15, size=(60, 40)).astype(np.float32)
    foreseen = export.quantised(cmvn.folded_in(kept, kept.mean))
    assert np.abs(network.forward(bundled, frames) - network.forward(foreseen, frames)).max() < 1e-3
    assert (bundled.parameters, bundled.right_context) == (kept.parameters, 25)


def test_it_writes_hanzi_and_every_syllable() -> None:
    assert (vocabulary().is_syllabic, vocabulary().has_syllables) == (False, True)
    assert vocabulary().sounds.keys() >= SYLLABLES


def test_every_phrase_of_the_pack_is_written_in_its_words() -> None:
    rules = load_pack(None, names={}).rules
    spelled = {
        stretch
        for rule in rules
        for phrase in (*rule.phrases, *rule.excused_by)
        for stretch in re.split("…|几", phrase.text)
        if any(not part.is_word or part.text in SYLLABLES for part in segment(vocabulary(), stretch))
    }
    assert spelled == set()


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 12_000_000
