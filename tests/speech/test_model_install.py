"""A new model is in the store whole or not at all, and an earlier one stays until then."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pi_companion.errors import ModelError
from pi_companion.speech.model_store import work_in
from pi_companion.speech.models import Model, Source, check, install, installed, resolve
from tests.speech.small_models import Steps, accept, archive, folder, known, lookahead, static, tree


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def put(store: Path, name: str, files: dict[str, bytes] | None = None) -> Model:
    source = folder(store.parent / "source" / name, files or lookahead())
    return install(str(source), store, trial=accept)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ModelError) as caught:
        act()
    return str(caught.value)


def visible(store: Path) -> list[str]:
    return [model.name for model in installed(store)]


def test_an_installed_folder_is_a_copy_with_checksums(store: Path) -> None:
    model = put(store, "mine", static())

    assert model == Model(name="mine", path=store / "mine", source=Source.INSTALLED)
    assert {name: data for name, data in tree(model.path).items() if name != "SHA256"} == static()
    check(model.path)


def test_an_installed_zip_is_named_after_its_folder(store: Path, tmp_path: Path) -> None:
    packed = archive(tmp_path / "download (1).zip", lookahead(), top="vosk-model-x")

    assert install(str(packed), store, trial=accept).name == "vosk-model-x"
    assert packed.exists()


def test_a_zip_without_a_folder_is_named_after_its_file(store: Path, tmp_path: Path) -> None:
    packed = archive(tmp_path / "vosk-model-y.zip", lookahead())

    assert install(str(packed), store, trial=accept).name == "vosk-model-y"


def test_a_known_model_that_was_fetched_is_unpacked_and_its_zip_removed(store: Path, tmp_path: Path) -> None:
    payload = archive(tmp_path / "z.zip", lookahead(), top="small").read_bytes()
    part = folder(store, {".download/small.zip.part": payload}) / ".download/small.zip.part"
    steps = Steps()

    model = install("small", store, progress=steps, registry={"small": known("small", payload)}, trial=accept)

    check(model.path)
    assert steps.seen[-1] == (sum(map(len, lookahead().values())),) * 2
    assert not part.exists()


@pytest.mark.parametrize(("file", "top"), [("small.zip", "anything"), ("anything.zip", "small")])
def test_a_zip_that_calls_itself_known_must_have_the_known_checksum(
    file: str, top: str, store: Path, tmp_path: Path
) -> None:
    packed = archive(tmp_path / file, lookahead(), top=top)
    genuine = known("small", b"x" * packed.stat().st_size)

    said = refusal(lambda: install(str(packed), store, registry={"small": genuine}, trial=accept))

    wrong = known("small", packed.read_bytes())
    assert said == (
        f"{packed}: is not small: SHA-256 found {wrong.sha256}, expected {genuine.sha256}; get it again from its maker"
    )
    assert visible(store) == []


def test_a_zip_of_something_else_is_refused_in_its_own_name(store: Path, tmp_path: Path) -> None:
    packed = archive(tmp_path / "photos.zip", {"photos/a.jpg": b"1"})

    said = refusal(lambda: install(str(packed), store, trial=accept))

    assert (
        said.splitlines()[0] == f"{packed}: graph/ has neither HCLG.fst nor HCLr.fst with Gr.fst and disambig_tid.int"
    )
    assert visible(store) == []


def test_a_model_that_vosk_cannot_load_is_not_installed(store: Path, tmp_path: Path) -> None:
    made_up = folder(tmp_path / "made-up", lookahead())

    assert refusal(lambda: install(str(made_up), store)).startswith(f"{made_up}: Vosk cannot load it: ")
    assert visible(store) == []


def test_an_earlier_model_stays_if_the_new_one_is_bad(store: Path) -> None:
    put(store, "mine")
    before = tree(store / "mine")

    refusal(lambda: put(store, "mine", lookahead() | {"am/final.mdl": b"bad"}))

    assert tree(store / "mine") == before


def test_a_good_one_takes_an_earlier_ones_place_entirely(store: Path, tmp_path: Path) -> None:
    put(store, "mine", lookahead() | {"README": b"old"})

    install(str(archive(tmp_path / "mine.zip", static())), store, trial=accept)

    assert set(tree(store)) == {f"mine/{name}" for name in (*static(), "SHA256")} | {".lock"}


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_nothing_half_written(interruption: type[BaseException], store: Path) -> None:
    put(store, "mine")
    before = tree(store)
    source = folder(store.parent / "new" / "mine", static())

    def stop(done: int, _total: int | None) -> None:
        if done:
            raise interruption

    with pytest.raises((KeyboardInterrupt, ModelError)):
        install(str(source), store, progress=stop, trial=accept)

    assert tree(store) == before


def test_power_lost_between_the_two_renames_still_shows_the_earlier_model(store: Path) -> None:
    put(store, "mine")
    (store / ".replaced").mkdir()
    (store / "mine").rename(store / ".replaced" / "mine")

    assert resolve(None, "mine", store).path == store / ".replaced" / "mine"
    put(store, "other")
    assert resolve(None, "mine", store).path == store / "mine"
    check(store / "mine")


def test_what_an_interrupted_install_left_is_cleared_by_the_next(store: Path) -> None:
    folder(store, {".work/model/am/final.mdl": b"half"})
    assert visible(store) == []

    put(store, "mine")

    assert not (store / ".work").exists()


def test_a_second_installer_at_once_is_sent_away(store: Path) -> None:
    with work_in(store):
        assert refusal(lambda: put(store, "mine")) == f"{store}: another install is running; wait for it to end"


def test_the_bundled_models_name_cannot_be_taken(store: Path) -> None:
    assert refusal(lambda: put(store, "companion-zh")) == (
        "companion-zh: is the name of the bundled model; give the folder another name"
    )


def test_a_name_that_would_be_hidden_is_refused(store: Path) -> None:
    assert refusal(lambda: put(store, ".mine")) == ("'.mine': is no model name; use letters, digits, '.', '_' and '-'")


def test_what_is_neither_file_folder_nor_known_is_said_so(store: Path) -> None:
    assert refusal(lambda: install("nothing", store)) == (
        "nothing: is neither a file, a folder nor the name of a known model (vosk-model-small-cn-0.22)"
    )
