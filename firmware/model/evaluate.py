"""How good is a model? Syllables by class through Vosk itself, several models side by side; `make model-eval`.

`python -m firmware.model.evaluate MATERIAL --synthetic DIR --drills DIR --model NAME=FOLDER ... [--quick]`
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import vosk

from firmware.model.scoring import edits
from firmware.model.trials import Clip, silences, trials
from firmware.model.units import canonical
from pi_companion.speech.phonetics import syllables

PIECE_S: Final = 0.1
SILENT_MINUTES: Final = 2.0

_COST: Final = """
import json, sys, time
import numpy as np, vosk
vosk.SetLogLevel(-2)
began = time.process_time()
model = vosk.Model(sys.argv[1])
loaded = time.process_time() - began
recogniser = vosk.KaldiRecognizer(model, 16000)
recogniser.AcceptWaveform(np.load(sys.argv[2]).tobytes())
recogniser.FinalResult()
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(json.dumps([loaded, int(most) / 1024]))
"""


def heard(recogniser: Any, clip: Clip) -> list[str]:  # noqa: ANN401 - vosk publishes no types
    """Return the toneless syllables that a recogniser hears in a clip, given in pieces."""
    piece = round(clip.rate_hz * PIECE_S)
    texts = []
    for at in range(0, len(clip.samples), piece):
        is_over = recogniser.AcceptWaveform(clip.samples[at : at + piece].tobytes())
        texts += [json.loads(recogniser.Result())["text"]] if is_over else []
    texts.append(json.loads(recogniser.FinalResult())["text"])
    return [canonical(sound) for text in texts for word in text.split() for sound in syllables(word)]


def error_pct(model: Any, clips: Iterator[Clip]) -> tuple[float, int, float, float]:  # noqa: ANN401 - as above
    """Return syllable error in percent, syllables said, processor seconds, and seconds of sound.

    One recogniser hears them all, as on the device: the channel is the same.
    """
    wrong = said = 0
    spent = lasted = 0.0
    recogniser = None
    for clip in clips:
        began = time.process_time()
        recogniser = recogniser or vosk.KaldiRecognizer(model, clip.rate_hz)
        found = heard(recogniser, clip)
        spent += time.process_time() - began
        lasted += len(clip.samples) / clip.rate_hz
        wrong += edits(clip.said, found)
        said += len(clip.said)
    return 100 * wrong / max(1, said), said, spent, lasted


def invented_per_min(model: Any, minutes: float) -> dict[str, float]:  # noqa: ANN401 - as above
    """Return how many syllables a minute a model hears in each kind of sound in which nobody speaks."""
    found = {}
    for kind, samples in silences(minutes).items():
        clip = Clip(samples=samples, said=())
        found[kind] = len(heard(vosk.KaldiRecognizer(model, clip.rate_hz), clip)) / (len(samples) / clip.rate_hz / 60)
    return found


def costs(folder: Path, clip: Clip, work: Path) -> tuple[float, float]:
    """Return processor seconds to load a model, and megabytes resident of a bare process that has heard a clip."""
    work.mkdir(parents=True, exist_ok=True)
    np.save(work / "clip.npy", clip.samples)
    command = [sys.executable, "-c", _COST, str(folder), str(work / "clip.npy")]
    loaded, resident = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return loaded, resident


def table(title: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {title} | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    lines += [f"| {label} | {' | '.join(cells)} |" for label, cells in rows]
    return "\n".join(lines) + "\n"


def report(models: dict[str, Path], arguments: argparse.Namespace, say: Callable[[str], None]) -> str:
    """Return every table; `say` gets progress."""
    vosk.SetLogLevel(-2)
    loaded = {name: vosk.Model(str(folder)) for name, folder in models.items()}
    names = list(models)
    rows, spent, lasted = [], dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for trial in trials(arguments.material, arguments.synthetic, arguments.drills):
        cells, count = [], 0
        for name, model in loaded.items():
            clips = trial.clips()
            if arguments.quick:
                clips = (clip for index, clip in enumerate(clips) if index % 5 == 0)
            error, count, seconds, sound = error_pct(model, clips)
            spent[name] += seconds
            lasted[name] += sound
            cells.append(f"{error:.1f} %")
        rows.append((f"{trial.title} ({count} syllables)", cells))
        say(f"{trial.title}: {', '.join(cells)}")
    parts = [table("syllable error", names, rows)]
    minutes = SILENT_MINUTES / (5 if arguments.quick else 1)
    invented = {name: invented_per_min(model, minutes) for name, model in loaded.items()}
    kinds = list(next(iter(invented.values())))
    silent = [(kind, [f"{invented[name][kind]:.1f}" for name in names]) for kind in kinds]
    means = [f"{sum(found.values()) / len(found):.1f}" for found in invented.values()]
    parts.append(table("syllables invented a minute", names, [*silent, ("all kinds", means)]))
    clip = next(trials(arguments.material, arguments.synthetic, arguments.drills)[0].clips())
    cost = {name: costs(folder, clip, arguments.work) for name, folder in models.items()}
    size = {name: sum(file.stat().st_size for file in folder.rglob("*")) for name, folder in models.items()}
    parts.append(
        table(
            "cost",
            names,
            [
                ("processor time of the sound's (one core)", [f"{spent[name] / lasted[name]:.3f}" for name in names]),
                ("processor seconds to load", [f"{cost[name][0]:.2f}" for name in names]),
                ("MB resident, Python and Vosk with it", [f"{cost[name][1]:.0f}" for name in names]),
                ("MB of files", [f"{size[name] / 1e6:.1f}" for name in names]),
            ],
        )
    )
    return "\n".join(parts)


def main(given: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m firmware.model.evaluate", description=__doc__)
    parser.add_argument("material", type=Path, help="folder of the training material")
    parser.add_argument("--synthetic", type=Path, required=True, help="shards of the voices kept for evaluation")
    parser.add_argument("--drills", type=Path, required=True, help="folder with drill.tsv")
    parser.add_argument(
        "--model", action="append", required=True, metavar="NAME=FOLDER", help="several stand side by side"
    )
    parser.add_argument("--work", type=Path, default=Path("build/model/work"))
    parser.add_argument("--quick", action="store_true", help="every fifth clip")
    arguments = parser.parse_args(given)
    models = {name: Path(folder) for name, _, folder in (each.partition("=") for each in arguments.model)}
    print(report(models, arguments, lambda line: print(f"  {line}", file=sys.stderr, flush=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
