"""Vosk's native library, as much of it as is used: a model, and recognisers that share it.

The package's own Python module does the same, and imports what downloads models as well (HTTP, TLS, progress bars):
eight megabytes of a device that has no network. Here is the same library through the same bindings.
"""

import json
from collections.abc import Sequence
from importlib import util
from pathlib import Path
from typing import Any, Final

from pi_companion.core.framer import SAMPLE_RATE_HZ


def _open() -> tuple[Any, Any]:
    """Return the bindings and the library, without running the package's `__init__`."""
    package = util.find_spec("vosk")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'vosk'", name="vosk")
    folder = Path(package.origin).parent
    spec = util.spec_from_file_location("vosk_cffi", folder / "vosk_cffi.py")
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("No module named 'vosk.vosk_cffi'", name="vosk.vosk_cffi")
    bindings = util.module_from_spec(spec)
    spec.loader.exec_module(bindings)
    return bindings.ffi, bindings.ffi.dlopen(str(folder / "libvosk.so"))


_FFI, _LIBRARY = _open()
_ERRORS: Final = -2  # -1 still lets through that times of alternatives are approximate, for each of them


class Model:
    """A model folder, loaded. Raises RuntimeError if Vosk cannot."""

    def __init__(self, folder: Path) -> None:
        _LIBRARY.vosk_set_log_level(_ERRORS)
        loaded = _LIBRARY.vosk_model_new(str(folder).encode())
        if loaded == _FFI.NULL:
            raise RuntimeError("Failed to create a model")
        self.handle = _FFI.gc(loaded, _LIBRARY.vosk_model_free)

    def vosk_model_find_word(self, word: str) -> int:
        """Return the number of a word, below 0 if the model does not have it."""
        found: int = _LIBRARY.vosk_model_find_word(self.handle, word.encode())
        return found


class Recogniser:
    """Hears 16-bit mono at 16 kHz; its answers are what Vosk's JSON says.

    `grammar`: the only lines it knows; None: all that the model does. `alternatives`: how many hypotheses it gives; 0:
    one, with confidences. `has_times`: of words, in final answers. Several recognisers share one model.
    """

    def __init__(
        self, model: Model, grammar: Sequence[str] | None = None, *, alternatives: int = 0, has_times: bool = True
    ) -> None:
        if grammar is None:
            made = _LIBRARY.vosk_recognizer_new(model.handle, SAMPLE_RATE_HZ)
        else:
            lines = json.dumps(list(grammar), ensure_ascii=False).encode()
            made = _LIBRARY.vosk_recognizer_new_grm(model.handle, SAMPLE_RATE_HZ, lines)
        if made == _FFI.NULL:
            raise RuntimeError("Failed to create a recognizer")
        self._handle = _FFI.gc(made, _LIBRARY.vosk_recognizer_free)
        _LIBRARY.vosk_recognizer_set_words(self._handle, int(has_times))
        _LIBRARY.vosk_recognizer_set_max_alternatives(self._handle, alternatives)

    def accept(self, pcm: bytes) -> bool:
        """Take audio; return whether an utterance has ended in it, by its silence: `result` has it then."""
        answer = _LIBRARY.vosk_recognizer_accept_waveform(self._handle, pcm, len(pcm))
        if answer < 0:
            raise RuntimeError("Failed to process waveform")
        return bool(answer)

    def result(self) -> dict[str, Any]:
        """Return what was said in an utterance that has ended."""
        return _read(_LIBRARY.vosk_recognizer_result(self._handle))

    def partial_result(self) -> dict[str, Any]:
        """Return what seems to have been said so far."""
        return _read(_LIBRARY.vosk_recognizer_partial_result(self._handle))

    def final_result(self) -> dict[str, Any]:
        """Return what was said, and begin anew."""
        return _read(_LIBRARY.vosk_recognizer_final_result(self._handle))


def _read(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - the bindings have no types
    found: dict[str, Any] = json.loads(_FFI.string(answer))
    return found
