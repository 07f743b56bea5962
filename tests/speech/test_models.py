"""The model that was named is used or missed, never another; the list says which one is."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pi_companion.errors import ModelError
from pi_companion.speech import models
from pi_companion.speech.models import Listed, Model, Source, State, install, installed, listing, resolve
from tests.speech.small_models import accept, folder, known, lookahead, tree

BUNDLED = Model(name="companion-zh", path=Path(models.__file__).parent / "companion-zh", source=Source.BUNDLED)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def put(store: Path, name: str) -> Model:
    source = folder(store.parent / "source" / name, lookahead())
    return install(str(source), store, trial=accept)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ModelError) as caught:
        act()
    return str(caught.value)


def visible(store: Path) -> list[str]:
    return [model.name for model in installed(store)]


def test_with_nothing_said_and_nothing_installed_the_bundled_model_is_used(store: Path) -> None:
    assert resolve(None, "", store) == BUNDLED


def test_an_installed_model_goes_before_the_bundled_one(store: Path) -> None:
    put(store, "better")

    assert resolve(None, None, store) == Model(name="better", path=store / "better", source=Source.INSTALLED)


def test_of_several_installed_the_last_one_is_used(store: Path) -> None:
    put(store, "b")
    put(store, "c")
    put(store, "a")
    put(store, "b")

    assert visible(store) == ["b", "a", "c"]


def test_the_last_installed_is_last_even_if_the_clock_went_back(store: Path) -> None:
    put(store, "first")
    tomorrow = time.time_ns() + 86_400 * 10**9
    os.utime(store / "first" / "SHA256", ns=(tomorrow, tomorrow))

    put(store, "second")

    assert visible(store) == ["second", "first"]


def test_a_folder_put_there_by_hand_comes_last(store: Path) -> None:
    folder(store / "by-hand", lookahead())
    put(store, "installed")

    assert visible(store) == ["installed", "by-hand"]


def test_the_site_files_model_goes_before_the_last_installed(store: Path) -> None:
    put(store, "chosen")
    put(store, "newer")

    chosen = resolve(None, "chosen", store)

    assert chosen == Model(name="chosen", path=store / "chosen", source=Source.CONFIGURED)


def test_the_command_lines_model_goes_before_the_site_files(store: Path) -> None:
    put(store, "chosen")

    assert resolve("companion-zh", "chosen", store) == Model(
        name="companion-zh", path=BUNDLED.path, source=Source.EXPLICIT
    )


def test_a_path_is_taken_as_it_is(store: Path) -> None:
    own = folder(store.parent / "own", lookahead())

    assert resolve(str(own), None, store) == Model(name="own", path=own, source=Source.EXPLICIT)


def test_the_store_is_where_the_environment_says(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "better")
    monkeypatch.setenv("PI_COMPANION_MODELS", str(store))

    assert models.store_dir() == store
    assert resolve(None, None).name == "better"


def test_without_the_environment_the_store_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PI_COMPANION_MODELS", raising=False)

    assert models.store_dir().parts[-2:] == ("pi-companion", "models")


def test_a_named_model_that_is_not_there_is_never_replaced_by_another(store: Path) -> None:
    put(store, "better")

    assert refusal(lambda: resolve("bettr", None, store)) == (
        "bettr: this explicit model is not installed; did you mean better?"
    )
    assert refusal(lambda: resolve(None, "qqq", store)) == (
        "qqq: this configured model is not installed; installed: companion-zh, better"
    )


def test_a_known_model_that_is_not_installed_says_how_to_install_it(store: Path) -> None:
    assert refusal(lambda: resolve(None, "vosk-model-small-cn-0.22", store)) == (
        "vosk-model-small-cn-0.22: this configured model is not installed; "
        "install it: `pi-companion model install vosk-model-small-cn-0.22`"
    )


def test_a_path_that_is_not_there_is_an_error(store: Path) -> None:
    assert refusal(lambda: resolve("./no-such", None, store)) == (
        "./no-such: there is no such model folder (explicit model)"
    )


def test_a_bare_name_never_means_a_folder_that_happens_to_be_here(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "here", lookahead())
    monkeypatch.chdir(tmp_path)

    assert refusal(lambda: resolve("here", None, store)) == (
        "here: this explicit model is not installed; for the folder here write ./here"
    )


def test_the_list_shows_bundled_installed_and_available_and_which_is_in_use(store: Path) -> None:
    put(store, "mine")
    registry = {name: known(name, b"12345") for name in ("mine", "other")}

    rows = listing(resolve(None, None, store), store, registry=registry)

    size = sum(len(data) for data in tree(store / "mine").values())
    whole = sum(len(data) for data in tree(BUNDLED.path).values())
    assert rows == (
        Listed(name="companion-zh", state=State.BUNDLED, path=BUNDLED.path, size_bytes=whole, is_in_use=False),
        Listed(name="mine", state=State.INSTALLED, path=store / "mine", size_bytes=size, is_in_use=True),
        Listed(name="other", state=State.AVAILABLE, path=None, size_bytes=5, is_in_use=False),
    )


def test_a_model_in_use_from_elsewhere_has_its_own_row(store: Path) -> None:
    own = folder(store.parent / "own", {"a": b"123"})

    rows = listing(resolve(str(own), None, store), store, registry={})

    assert rows[1:] == (Listed(name="own", state=State.ELSEWHERE, path=own, size_bytes=3, is_in_use=True),)
