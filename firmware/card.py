"""How does a root file system become an image and an update? Nothing is mounted, no loop device, no virtual machine."""

import os
import shutil
import uuid
from pathlib import Path
from typing import Final

from firmware import layout
from firmware.layout import BOOT, MIB, SLOT_A
from firmware.tools import BUILD, Unbuildable, run, say

HASH_SEED: Final = str(uuid.uuid5(uuid.NAMESPACE_DNS, "hash-seed.pi-companion"))
ROOT_ID: Final = str(uuid.uuid5(uuid.NAMESPACE_DNS, "root.pi-companion"))


def ext4(root: Path, epoch: int) -> Path:
    """Return the root file system as what a slot holds: ext4 without a journal, for it is never written to."""
    image = BUILD / "rootfs.ext4"
    image.unlink(missing_ok=True)
    used = sum(
        -(-path.lstat().st_size // 4096) * 4096 + 512
        for path in root.rglob("*")
        if not path.is_dir() or path.is_symlink()
    )
    size = -(-int(used * 1.04 + 24 * MIB) // (4 * MIB)) * 4 * MIB
    if size > SLOT_A.size:
        raise Unbuildable(f"the root file system needs {size // MIB} MiB; a slot has {SLOT_A.size // MIB} MiB")
    say(f"the file system of a slot: {size // MIB} MiB")
    features = "^has_journal,^metadata_csum_seed,^orphan_file,^resize_inode,^huge_file"
    options = f"root_owner=0:0,hash_seed={HASH_SEED},lazy_itable_init=0"
    time = {"E2FSPROGS_FAKE_TIME": str(epoch), "SOURCE_DATE_EPOCH": str(epoch)}
    make = ["mke2fs", "-q", "-t", "ext4", "-O", features, "-E", options, "-m", "0", "-U", ROOT_ID, "-L", "pi-companion"]
    run([*make, "-d", root, image, f"{size // 1024}k"], env=time)
    # When a file was changed or read here is copied, too, and cannot be set, or not kept, on the files themselves.
    script = BUILD / "ctimes"
    paths = ["/", *(f"/{path.relative_to(root)}" for path in sorted(root.rglob("*")))]
    lines = (f'sif "{path}" {which} @{epoch}\n' for path in (*paths, "/lost+found") for which in ("ctime", "atime"))
    script.write_text("".join(lines), encoding="utf-8")
    run(["debugfs", "-w", "-f", script, image], env=time)
    run(["e2fsck", "-fn", image])
    return image


def image(fat: Path, root: Path, name: str) -> Path:
    """Return the image of a card: MBR, both copies of the boot state, FAT partition, slot A."""
    made = BUILD / name
    state = layout.state(layout.FLASHED_STATE)
    with made.open("wb") as card:
        card.truncate(layout.IMAGE_BYTES)
        card.write(layout.mbr(tuple(each for each in layout.PARTITIONS if each.is_in_image)))
        for place in (layout.FIRST_STATE, layout.SECOND_STATE):
            card.seek(place)
            card.write(state)
    for part, start in ((fat, BOOT.start), (root, SLOT_A.start)):
        run(["dd", f"if={part}", f"of={made}", "bs=1M", f"seek={start // MIB}", "conv=notrunc,sparse", "status=none"])
    return made


def keys() -> tuple[Path, Path, Path]:
    """Return private key, certificate and keyring that bundles are signed with and checked against.

    From $PI_COMPANION_KEY, $PI_COMPANION_CERT and $PI_COMPANION_KEYRING; without them, ones for development, made here
    and kept out of the repository.
    """
    named = [os.environ.get(f"PI_COMPANION_{what}") for what in ("KEY", "CERT", "KEYRING")]
    folder = BUILD / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    if any(named):
        if not all(named):
            raise Unbuildable(
                "name all of PI_COMPANION_KEY, PI_COMPANION_CERT and PI_COMPANION_KEYRING, or none of them"
            )
        key, certificate, keyring = (Path(str(each)) for each in named)
        shutil.copyfile(keyring, folder / "keyring.pem")
        return key, certificate, folder / "keyring.pem"
    key, certificate = folder / "development.key.pem", folder / "development.cert.pem"
    if not key.exists():
        say("making a key for development (firmware/README.md: keys)")
        make_key(key, certificate, "pi-companion development, not for desks")
    shutil.copyfile(certificate, folder / "keyring.pem")
    return key, certificate, folder / "keyring.pem"


def make_key(key: Path, certificate: Path, name: str) -> None:
    """Make a private key and its own certificate."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run(
        [
            "openssl",
            "req",
            "-x509",
            *curve,
            "-days",
            "7300",
            "-subj",
            f"/CN={name}",
            "-keyout",
            key,
            "-out",
            certificate,
        ]
    )
    key.chmod(0o600)


def bundle(
    root: Path,
    out: Path,
    version: str,
    *,
    time: str = "1970-01-01T00:00:00Z",
    compatible: str = layout.COMPATIBLE,
    signer: tuple[Path, Path],
) -> Path:
    """Return a signed update: the same file system that the image has in its slot. `time`: of when it is."""
    folder = BUILD / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.link(root, folder / "rootfs.ext4")
    (folder / "manifest.raucm").write_text(
        f"[update]\ncompatible={compatible}\nversion={version}\nbuild={time}\n\n[bundle]\nformat=verity\n\n"
        "[image.rootfs]\nfilename=rootfs.ext4\n",
        encoding="utf-8",
    )
    out.unlink(missing_ok=True)
    key, certificate = signer
    pack = "--mksquashfs-args=-comp zstd -Xcompression-level 3 -b 256k -processors 2 -mkfs-time 0 -all-time 0"
    run(["rauc", f"--key={key}", f"--cert={certificate}", pack, "bundle", folder, out])
    shutil.rmtree(folder)
    return out
