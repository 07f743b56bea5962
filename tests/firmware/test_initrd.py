"""The file between U-Boot and the root: does a kernel unpack it, and do its drivers load in their order?"""

import stat
from pathlib import Path

import pytest

from firmware import initrd
from firmware.tools import Unbuildable

DEPENDENCIES = """\
kernel/fs/ext4.ko.xz: kernel/fs/jbd2.ko.xz kernel/fs/mbcache.ko.xz
kernel/fs/jbd2.ko.xz:
kernel/fs/mbcache.ko.xz:
kernel/drivers/virtio_blk.ko.xz:
kernel/drivers/sdhci-iproc.ko.xz: kernel/drivers/sdhci-pltfm.ko.xz kernel/drivers/sdhci.ko.xz
kernel/drivers/sdhci-pltfm.ko.xz: kernel/drivers/sdhci.ko.xz
kernel/drivers/sdhci.ko.xz:
"""


def test_what_a_driver_needs_is_loaded_before_it_and_once() -> None:
    order = [Path(path).name for path in initrd.loading_order(DEPENDENCIES, ("sdhci-iproc", "absent", "ext4"))]

    assert order == [
        "sdhci.ko.xz",
        "sdhci-pltfm.ko.xz",
        "sdhci-iproc.ko.xz",
        "jbd2.ko.xz",
        "mbcache.ko.xz",
        "ext4.ko.xz",
    ]


def test_a_kernel_without_a_driver_that_is_needed_is_told() -> None:
    with pytest.raises(Unbuildable, match="no module sdhci-iproc"):
        initrd.loading_order(DEPENDENCIES.replace("sdhci-iproc", "other"), ("ext4",))


def test_the_archive_has_the_files_it_was_given_and_is_the_same_every_time() -> None:
    files = {
        "b": (stat.S_IFREG | 0o755, b"content"),
        "a": (stat.S_IFDIR | 0o755, b""),
        "c": (stat.S_IFLNK | 0o777, b"b"),
    }

    made = initrd.archive(files, 7)

    assert made == initrd.archive(dict(reversed(files.items())), 7)
    assert listed(made) == [
        ("a", 0o40755, b""),
        ("b", 0o100755, b"content"),
        ("c", 0o120777, b"b"),
        ("TRAILER!!!", 0, b""),
    ]


def listed(archive: bytes) -> list[tuple[str, int, bytes]]:
    """Read an archive as cpio(5) has it."""
    found, at = [], 0
    while at < len(archive):
        assert archive[at:][:6] == b"070701"
        numbers = [int(archive[at + 6 + 8 * each :][:8], 16) for each in range(13)]
        name_at = at + 110
        name = archive[name_at : name_at + numbers[11] - 1].decode()
        content_at = -(-(name_at + numbers[11]) // 4) * 4
        found.append((name, numbers[1], archive[content_at : content_at + numbers[6]]))
        at = -(-(content_at + numbers[6]) // 4) * 4
    return found
