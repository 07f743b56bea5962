"""`make image`: everything that IT needs for a card, and for an update, into build/image/out."""

import argparse
import shutil
import sys
from typing import Any

import pi_companion
from firmware import boot_files, card, deb, debian, papers, root
from firmware.tools import BUILD, REPOSITORY, Unbuildable, commit_time_s, require, run, say
from pi_companion.site import polling


def version_of(commit: str, *, is_changed: bool) -> str:
    """Return what an image says that it is: two commits are two versions."""
    return f"{pi_companion.__version__}+{commit[:12]}{'.changed' if is_changed else ''}"


def build(address: str) -> None:
    """Build it all. Raises `Unbuildable`."""
    require()
    commit = run(["git", "rev-parse", "HEAD"], into=REPOSITORY).strip()
    is_changed = bool(run(["git", "status", "--porcelain", "--untracked-files=no"], into=REPOSITORY).strip())
    version, epoch = version_of(commit, is_changed=is_changed), commit_time_s()
    key, certificate, keyring = card.keys()
    tree = root.build(version, epoch)
    say("the FAT partition")
    fat = boot_files.fat(tree, BUILD, epoch)
    slot = card.ext4(tree, epoch)
    out = BUILD / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    stem = f"pi-companion-{pi_companion.__version__}-arm64"
    image = card.image(fat, slot, f"{stem}.img")
    say("the update bundle")
    bundle = card.bundle(slot, out / f"{stem}.raucb", version, time=papers.utc(epoch), signer=(key, certificate))
    papers.write(out / polling.INDEX, papers.update_index(version, epoch, bundle.name))
    say("the package for Raspberry Pi OS")
    deb.build(tree, out / f"pi-companion_{pi_companion.__version__}_arm64.deb", version, root.installable(), epoch)
    say("checksums and block map")
    figures: dict[str, Any] = {"name": image.name, "bytes": image.stat().st_size, "sha256": papers.digest(image)}
    run(["bmaptool", "create", "-o", out / f"{stem}.img.bmap", image])
    say("packing the image")
    packed = out / f"{stem}.img.xz"
    run(["xz", "--keep", "--force", "-T2", "-2", "--block-size=16MiB", image])
    image.with_name(f"{image.name}.xz").rename(packed)
    figures |= {"packed_bytes": packed.stat().st_size, "packed_sha256": papers.digest(packed)}
    (out / f"{stem}.img.xz.sha256").write_text(f"{figures['packed_sha256']}  {packed.name}\n", encoding="utf-8")
    papers.write(out / f"{stem}.imager.json", papers.imager_entry(version, epoch, figures, address))
    papers.write(
        out / f"{stem}.manifest.json", papers.manifest(version, epoch, commit, figures, papers.digest(keyring))
    )
    shutil.copyfile(tree / "usr/share/pi-companion/sbom.spdx.json", out / f"{stem}.spdx.json")
    say(f"done: {out}")
    for path in sorted(out.iterdir()):
        print(f"  {path.stat().st_size:>12,}  {path.name}")
    print(f"signed by {certificate.name}; boards never booted so far: {papers.NEVER_BOOTED}", bundle.name)


def renew_pins() -> None:
    """Write packages.lock anew, from the newest that the mirrors have."""
    require()
    debian.renew(commit_time_s())


def main() -> int:
    """Build, or renew the pins."""
    parser = argparse.ArgumentParser(prog="make image", description=__doc__)
    parser.add_argument("--renew-pins", action="store_true", help="write packages.lock anew, and stop")
    parser.add_argument("--check-pins", action="store_true", help="ask the mirrors for every pinned version, and stop")
    parser.add_argument("--address", default="https://updates.example", help="where IT will serve the image from")
    wanted = parser.parse_args()
    try:
        if wanted.check_pins:
            debian.check()
        elif wanted.renew_pins:
            renew_pins()
        else:
            build(wanted.address)
    except Unbuildable as error:
        print(f"make image: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
