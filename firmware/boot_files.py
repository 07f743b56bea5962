"""What is on the FAT partition, where every PC can read it? The Pi's firmware, U-Boot, and the folder for people."""

import shutil
from pathlib import Path
from typing import Final

from firmware.layout import BOOT, DISK_ID, filled_in
from firmware.root import KERNELS
from firmware.tools import HERE, Unbuildable, run
from pi_companion import config
from pi_companion.pinout import Input, Output, Pinout

LABEL: Final = "COMPANION"
FIRMWARE: Final = (
    "bootcode.bin",
    "start.elf",
    "fixup.dat",
    "start4.elf",
    "fixup4.dat",
)
U_BOOT: Final = "usr/lib/u-boot/rpi_arm64/u-boot.bin"
DEVICE_TREES: Final = {"stable": ("bcm2837-rpi-*.dtb", "bcm2711-rpi-*.dtb"), "pi5": ("bcm2712-*.dtb",)}
SITE_HEAD: Final = """\
# 工位设置：烧录后、插上设备前，用任何文本编辑器修改（编码 UTF-8）。要改哪一行，就删去该行开头的 "#"。
# The site file: remove the "#" of a line to change it. Every setting is here, with what holds without it.

"""


def config_txt(pinout: Pinout) -> str:
    """Return what the Pi's own firmware is told, with every line of ours at rest from the first millisecond."""
    text = filled_in((HERE / "boot/config.txt").read_text(encoding="utf-8"))
    lines = []
    for name, line in pinout.lines().items():
        match line:
            case Output(bcm=bcm):
                lines.append(f"gpio={bcm}=ip,pd # {name}")
            case Input(bcm=bcm, pull=pull):
                lines.append(f"gpio={bcm}=ip,{'pu' if pull == 'up' else 'pd'} # {name}")
    return text + "\n".join(lines) + "\n"


def site_template() -> str:
    """Return the site file that a fresh card has: every setting with its meaning, none of them made."""
    lines = config.document(config.Site()).splitlines()[2:]
    return SITE_HEAD + "".join(
        f"{line}\n" if not line or line.startswith(("#", "[")) else f"#{line}\n" for line in lines
    )


def fat(root: Path, work: Path, epoch: int) -> Path:
    """Return an image of the FAT partition, with what the root file system's packages bring."""
    files = work / "fat"
    shutil.rmtree(files, ignore_errors=True)
    (files / "companion").mkdir(parents=True)
    for name in FIRMWARE:
        shutil.copyfile(root / "usr/lib/raspi-firmware" / name, files / name)
    shutil.copyfile(root / U_BOOT, files / "u-boot.bin")
    for kernel, patterns in DEVICE_TREES.items():
        for pattern in patterns:
            found = sorted(root.glob(f"usr/lib/linux-image-{KERNELS[kernel]}*/broadcom/{pattern}"))
            if not found:
                raise Unbuildable(f"the kernel {KERNELS[kernel]}* brings no {pattern}")
            for tree in found:
                shutil.copyfile(tree, files / tree.name)
    (files / "config.txt").write_text(config_txt(Pinout()), encoding="utf-8")
    script = work / "boot.cmd"
    script.write_text(filled_in((HERE / "boot/boot.cmd").read_text(encoding="utf-8")), encoding="utf-8")
    source_time = {"SOURCE_DATE_EPOCH": str(epoch)}
    run(
        [
            "mkimage",
            "-A",
            "arm64",
            "-T",
            "script",
            "-C",
            "none",
            "-n",
            "pi-companion",
            "-d",
            script,
            files / "boot.scr",
        ],
        env=source_time,
    )
    (files / "companion/site.toml").write_text(site_template(), encoding="utf-8", newline="\r\n")
    shutil.copyfile(HERE / "boot/README.txt", files / "companion/README.txt")
    image = work / "fat.img"
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(BOOT.size)
    run(["mkfs.vfat", "-F", "32", "--invariant", "-i", f"{DISK_ID:08x}", "-n", LABEL, image])
    run(["mcopy", "-s", "-i", image, *sorted(files.iterdir()), "::/"], env=source_time)
    return image
