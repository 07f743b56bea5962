"""From a trained network to the folder that the package carries: `am/`, `conf/`, `graph/` and their checksums."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from firmware.model import cmvn, export, graph, language, lexicon, texts
from firmware.model.network import Network
from pi_companion.packs import load_pack
from pi_companion.speech.model_files import SUMS, write_sums

BLANK_LOG_PRIOR: Final = 2.5
"""Taken off the blank: CTC is surer of it than the words bear out."""

SCALE: Final = 1.0
SYLLABLE_COST: Final = 0.0


def write_model(network: Network, folder: Path) -> None:
    """Write a model folder anew; the same bytes for the same network and texts.

    Its checksums go first and come last: what was cut short has none and is written again. What else is in the folder,
    as its card, stays. Raises GraphError, or ValueError if the network does not know the
    mean of its training or is too large.
    """
    if network.mean is None:
        raise ValueError("the network does not know the mean of the features it was trained on")
    found = texts.material(load_pack(None, names={}))
    words = lexicon.lexicon(found.words)
    model = language.estimate(found.texts, found.general, found.syllables, found.pairs, language.Shares())
    lengths = {word: len(readings[0]) for word, readings in words.items()}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        fresh = Path(work, "model")
        centred = cmvn.folded_in(network, network.mean)
        acoustic = export.acoustic_model(centred, blank_log_prior=BLANK_LOG_PRIOR)
        export.write_acoustic(fresh, acoustic)
        cmvn.write_stats(fresh / "am/global_cmvn.stats", network.mean)
        graph.write(
            fresh,
            words,
            lambda labels: language.graph(model, labels, lengths, scale=SCALE, syllable_cost=SYLLABLE_COST),
        )
        folder.mkdir(exist_ok=True)
        (folder / SUMS).unlink(missing_ok=True)
        for part in ("am", "conf", "graph"):
            shutil.rmtree(folder / part, ignore_errors=True)
            (fresh / part).rename(folder / part)
    write_sums(folder)
