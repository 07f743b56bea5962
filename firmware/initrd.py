"""What runs between U-Boot and the root? A file of its own making: busybox, a few drivers, thirty lines of shell.

Debian's own generator would run for minutes in emulation and pack some hundred drivers; what the boards start from is
known, and most of it is built into the kernels. Made here, it is the same bytes every time.
"""

import gzip
import io
import lzma
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from firmware.layout import filled_in
from firmware.tools import HERE, Unbuildable

DRIVERS: Final = (
    # SD controllers of the Zero 2 W, 3A+, 3B+ (bcm2835, sdhci-iproc), 4B (sdhci-iproc), 5 (sdhci-brcmstb), and their
    # supplies
    "fixed",
    "gpio-regulator",
    "pinctrl-bcm2712",
    "pinctrl-brcmstb",
    "gpio-brcmstb",
    "reset-raspberrypi",
    "bcm2835",
    "sdhci-iproc",
    "sdhci-brcmstb",
    # The emulated machine of the tests
    "virtio_mmio",
    "virtio_blk",
    # The root, and the checksum that its driver asks for by name (one of the two, as the kernel has it)
    "crc32c_generic",
    "crc32c-cryptoapi",
    "ext4",
)
"""By name, in the order in which they are loaded; a kernel that has one built in, or not at all, does without."""

_NEEDED: Final = frozenset({"sdhci-iproc", "ext4", "virtio_blk"})
_APPLETS: Final = ("sh", "mount", "mkdir", "insmod", "dd", "hexdump", "sleep", "switch_root", "reboot", "cat")
_LIBRARIES: Final = ("libc.so.6", "libresolv.so.2")


def build(root: Path, version: str, epoch: int) -> bytes:
    """Return the initrd for a kernel of a root file system. Raises `Unbuildable` if a driver is missing."""
    folders = ("bin", "dev", "lib", "modules", "proc", "slot", "sys", "tmp")
    files = dict.fromkeys(folders, (stat.S_IFDIR | 0o755, b""))
    files["bin/busybox"] = (stat.S_IFREG | 0o755, (root / "usr/bin/busybox").read_bytes())
    files |= {f"bin/{name}": (stat.S_IFLNK | 0o777, b"busybox") for name in _APPLETS}
    libraries = root / "usr/lib/aarch64-linux-gnu"
    files["lib/ld-linux-aarch64.so.1"] = (stat.S_IFREG | 0o755, (libraries / "ld-linux-aarch64.so.1").read_bytes())
    files |= {f"lib/{name}": (stat.S_IFREG | 0o755, (libraries / name).read_bytes()) for name in _LIBRARIES}
    modules = root / "usr/lib/modules" / version
    paths = loading_order((modules / "modules.dep").read_text(encoding="utf-8"), DRIVERS)
    for number, path in enumerate(paths):
        content = lzma.decompress((modules / path).read_bytes())
        files[f"modules/{number:02}-{Path(path).name.removesuffix('.xz')}"] = (stat.S_IFREG | 0o644, content)
    script = filled_in((HERE / "boot/init.sh").read_text(encoding="utf-8"))
    files["init"] = (stat.S_IFREG | 0o755, script.encode())
    return gzip.compress(archive(files, epoch), compresslevel=6, mtime=0)


def loading_order(dependencies: str, wanted: Iterable[str]) -> list[str]:
    """Return the files of some modules and of what they need, from a `modules.dep`, in an order that loads."""
    needs = {}
    for line in dependencies.splitlines():
        path, _, after = line.partition(":")
        needs[path] = after.split()
    by_name = {Path(path).name.partition(".")[0]: path for path in needs}
    if missing := sorted(_NEEDED - by_name.keys()):
        raise Unbuildable(f"this kernel has no module {', '.join(missing)}; is it built in? See firmware/initrd.py")
    order: dict[str, None] = {}

    def add(path: str) -> None:
        for each in needs[path]:
            add(each)
        order.setdefault(path)

    for name in wanted:
        if name in by_name:
            add(by_name[name])
    return list(order)


def archive(files: Mapping[str, tuple[int, bytes]], epoch: int) -> bytes:
    """Return a cpio archive ("newc", as the kernel unpacks it): by name, mode and content of each file."""
    out = io.BytesIO()
    for number, (name, (mode, content)) in enumerate(_with_end(files), start=1):
        encoded = name.encode() + b"\0"
        size = len(content)
        numbers = (number, mode, 0, 0, 1, epoch, size, 0, 0, 0, 0, len(encoded), 0)
        out.write(b"070701" + b"".join(b"%08X" % each for each in numbers) + encoded)
        out.write(b"\0" * (-out.tell() % 4) + content)
        out.write(b"\0" * (-out.tell() % 4))
    return out.getvalue()


def _with_end(files: Mapping[str, tuple[int, bytes]]) -> Iterator[tuple[str, tuple[int, bytes]]]:
    yield from sorted(files.items())
    yield "TRAILER!!!", (0, b"")
