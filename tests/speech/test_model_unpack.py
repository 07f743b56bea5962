"""A zip is unpacked whole inside its folder, or refused with the entry named; it does no harm."""

import io
import shutil
import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from pi_companion.errors import ModelError
from pi_companion.speech import model_archives
from pi_companion.speech.model_archives import inspect, unpack
from tests.speech.small_models import Steps, archive, tree


def test_a_zip_unpacks_without_its_one_top_folder_and_without_litter(tmp_path: Path) -> None:
    packed = archive(tmp_path / "m.zip", {"top/a": b"1", "top/b/c": b"22", "__MACOSX/top/._a": b"x"})
    steps = Steps()

    contents = inspect(packed)
    unpack(packed, contents, tmp_path / "into", steps)

    assert (contents.top, contents.size_bytes) == ("top", 3)
    assert tree(tmp_path / "into") == {"a": b"1", "b/c": b"22"}
    assert steps.seen == [(0, 3), (1, 3), (3, 3)]


def test_a_zip_without_one_top_folder_unpacks_as_it_is(tmp_path: Path) -> None:
    packed = archive(tmp_path / "m.zip", {"am/a": b"1", "conf/b": b"2"})

    unpack(packed, inspect(packed), tmp_path / "into", Steps())

    assert tree(tmp_path / "into") == {"am/a": b"1", "conf/b": b"2"}


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    ("harmful", "said"),
    [
        (entry("/etc/passwd"), "'/etc/passwd' is not a plain path inside the archive"),
        (entry("m/../../x"), "'m/../../x' is not a plain path inside the archive"),
        (entry("..\\x"), "'..\\\\x' is not a plain path inside the archive"),
        (entry("c:/x"), "'c:/x' is not a plain path inside the archive"),
        (entry("."), "'.' is not a plain path inside the archive"),
        (entry("m/link", stat.S_IFLNK | 0o777), "'m/link' is a link or a device"),
        (entry("m/fifo", stat.S_IFIFO | 0o644), "'m/fifo' is a link or a device"),
    ],
    ids=lambda value: value.filename if isinstance(value, zipfile.ZipInfo) else "",
)
def test_a_zip_that_reaches_out_of_its_folder_is_refused(harmful: zipfile.ZipInfo, said: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as opened:
        opened.writestr("m/fine", b"1")
        opened.writestr(harmful, b"target")

    with pytest.raises(ModelError) as caught:
        inspect(tmp_path / "m.zip")

    assert str(caught.value) == f"{tmp_path / 'm.zip'}: {said}"


def test_a_zip_with_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as opened:
        opened.writestr("m/a", b"1")
        opened.writestr("m//a", b"2")

    with pytest.raises(ModelError, match="'m/a' is there more than once"):
        inspect(tmp_path / "m.zip")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("m/a", b"1")
    data = bytearray(buffer.getvalue())
    data[data.index(b"PK\1\2") + 8] |= 1  # the flag in the central directory
    (tmp_path / "m.zip").write_bytes(data)

    with pytest.raises(ModelError, match="'m/a' is encrypted"):
        inspect(tmp_path / "m.zip")


def test_a_zip_larger_than_any_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_archives, "MOST_BYTES", 1000)
    packed = archive(tmp_path / "m.zip", {"m/zeros": bytes(1001)})

    with pytest.raises(ModelError, match="holds 1 entries, 1,001 bytes; at most"):
        inspect(packed)


def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(b"<html>")

    with pytest.raises(ModelError, match="is no zip that can be read"):
        inspect(tmp_path / "m.zip")


def test_a_damaged_entry_is_named(tmp_path: Path) -> None:
    packed = archive(tmp_path / "m.zip", {"m/a": b"some text some text some text"})
    data = bytearray(packed.read_bytes())
    data[data.index(b"m/a") + 5] ^= 0xFF
    packed.write_bytes(data)

    with pytest.raises(ModelError, match=r"m\.zip: m/a cannot be unpacked: "):
        unpack(packed, inspect(packed), tmp_path / "into", Steps())


def test_a_zip_that_will_not_fit_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = archive(tmp_path / "m.zip", {"m/a": b"1234"})
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=3))

    with pytest.raises(ModelError, match="not enough room: 4 bytes needed, 3 free"):
        unpack(packed, inspect(packed), tmp_path / "into", Steps())

    assert not (tmp_path / "into").exists()
