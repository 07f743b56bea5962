"""What comes with the image: is it what its readers expect, and does it say what is in the image?"""

import json
import zipfile
from pathlib import Path

import pytest

from firmware import debian, papers, python_packages
from firmware.tools import REPOSITORY, Unbuildable

FIGURES = {"name": "x.img", "bytes": 10, "sha256": "a" * 64, "packed_bytes": 5, "packed_sha256": "b" * 64}


def test_an_sbom_gives_back_the_packages_it_was_made_of() -> None:
    debs, python = {"libc6": "2.41-12", "linux-image-7.3.4+deb13-arm64": "7.3.4-1~bpo13+1"}, {"numpy": "2.4.6"}

    document = papers.sbom("1", 0, debs, python)

    assert papers.packages_of(json.loads(json.dumps(document))) == (debs, python)
    assert len({each["SPDXID"] for each in document["packages"]}) == 3
    assert {each["relatedSpdxElement"] for each in document["relationships"]} == {
        each["SPDXID"] for each in document["packages"]
    }
    assert (document["spdxVersion"], document["creationInfo"]["created"]) == ("SPDX-2.3", "1970-01-01T00:00:00Z")


def test_the_entry_for_imager_has_what_imager_checks_a_download_by() -> None:
    (entry,) = papers.imager_entry("1", 86400, FIGURES, "https://x.example/")["os_list"]

    assert (entry["url"], entry["release_date"]) == ("https://x.example/x.img.xz", "1970-01-02")
    assert (entry["extract_size"], entry["extract_sha256"]) == (10, "a" * 64)
    assert (entry["image_download_size"], entry["image_download_sha256"]) == (5, "b" * 64)


def test_the_manifest_says_that_no_board_was_booted_and_what_may_differ() -> None:
    document = papers.manifest("1", 0, "c" * 40, FIGURES, "d" * 64)

    assert document["boards_never_booted"] == "Zero 2 W, 3A+, 3B+, 4B, 5"
    assert document["may_differ_between_builds"] == [
        "update bundle: the salt of its hashes, they themselves, and the signature"
    ]


def test_every_package_that_is_wanted_is_pinned() -> None:
    pinned = debian.locked(debian.LOCK.read_text(encoding="utf-8"))

    assert [name for each in debian.wanted() if (name := each.partition("/")[0]) not in pinned] == []
    assert debian.epoch_of(debian.LOCK.read_text(encoding="utf-8")) > 1_700_000_000


def test_a_lock_that_is_none_is_told_with_every_line() -> None:
    with pytest.raises(Unbuildable, match="one; a b c"):
        debian.locked("# head\none\nname 1\na b c\n")


def test_what_is_installed_otherwise_than_pinned_is_told() -> None:
    assert debian.differences({"a": "1", "b": "1"}, {"a": "2", "c": "1"}) == [
        "a: pinned 1, got 2",
        "b: pinned 1, got none",
        "c: pinned not at all, got 1",
    ]


MADISON = """\
 linux | 7.3.5-1~bpo13+1 | http://m.example/debian trixie-backports/main arm64 Packages
 linux | 6.12.118-1 | http://m.example/debian-security trixie-security/main arm64 Packages
 linux | 6.12.118-1 | http://m.example/debian trixie/main arm64 Packages
  curl | 8.14.2-1 | http://m.example/debian-security trixie-security/main arm64 Packages
  curl | 8.14.1-2 | http://m.example/debian trixie/main arm64 Packages
   pi5 | 7.3.5-1~bpo13+1 | http://m.example/debian trixie-backports/main arm64 Packages
   pi5 | 7.3.4-1~bpo13+1 | http://m.example/debian trixie-backports/main arm64 Packages
"""


def test_a_pinned_version_that_no_mirror_has_any_more_is_told_and_a_newer_one_of_its_own_suites() -> None:
    pinned = {"linux": "6.12.118-1", "curl": "8.14.1-2", "pi5": "7.3.4-1~bpo13+1", "rauc": "1.12-1", "tz": "1"}
    found = debian.offered(MADISON + "  rauc | 1.13-3 | http://m.example/debian trixie/main arm64 Packages\n")

    assert debian.judged(pinned, found) == (
        ["rauc 1.12-1 is not offered any more; there is 1.13-3", "tz 1 is not offered any more; there is nothing"],
        ["curl 8.14.1-2: there is 8.14.2-1", "pi5 7.3.4-1~bpo13+1: there is 7.3.5-1~bpo13+1"],
    )


def test_dpkg_is_read_without_what_was_removed(tmp_path: Path) -> None:
    status = tmp_path / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text(
        "Package: a\nStatus: install ok installed\nVersion: 1-1\nDescription: x\n Version: 9\n\n"
        "Package: b\nStatus: deinstall ok config-files\nVersion: 2\n"
    )

    assert debian.installed(tmp_path) == {"a": "1-1"}


def test_what_the_device_runs_is_pinned_and_has_the_pins_library_but_nothing_of_development() -> None:
    wanted = python_packages.closure((REPOSITORY / "constraints.txt").read_text(encoding="utf-8"))

    assert wanted.keys() >= {"numpy", "vosk", "lgpio", "vl53l1x", "srt", "pydantic-core", "cryptography"}
    assert wanted.keys().isdisjoint({"pytest", "mypy", "ruff", "matplotlib"})
    assert wanted["lgpio"] == "0.2.2.0"


def test_a_package_without_a_pin_is_told() -> None:
    with pytest.raises(Unbuildable, match=r"does not pin .*numpy"):
        python_packages.closure("")


def test_what_is_installed_is_listed_and_nothing_of_this_machine(tmp_path: Path) -> None:
    files = {
        "tool.py": "",
        "tool-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1\n",
        "tool-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tool-1.dist-info/entry_points.txt": "[console_scripts]\ntool = tool:main\n",
        "tool-1.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(wheel := tmp_path / "tool-1-py3-none-any.whl", "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    python_packages.install(tmp_path / "root", [wheel])

    (packages,) = (tmp_path / "root").rglob("site-packages")
    listed = [line.split(",")[0] for line in (packages / "tool-1.dist-info/RECORD").read_text().splitlines()]
    assert "tool.py" in listed
    assert [name for name in listed if not (packages / name).exists()] == []
    assert str(tmp_path) not in "".join(path.read_text() for path in packages.rglob("*") if path.is_file())
