"""Which Debian packages are in the image, in which versions, and how they become a root file system.

Their names stand in packages.txt, every version in packages.lock. The mirrors are the machine's own, or $MIRROR and
$MIRROR_SECURITY; nothing here names one. What was fetched once is kept, so that a build can be repeated after the
mirror has moved on.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from firmware.tools import HERE, Unbuildable, cache_folder, run, say

SUITE: Final = "trixie"
SUITES: Final = (SUITE, f"{SUITE}-updates", f"{SUITE}-backports")
COMPONENTS: Final = "main contrib non-free-firmware"
KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
LIST: Final = HERE / "packages.txt"
LOCK: Final = HERE / "packages.lock"

# Never on a desk: manuals, translations, drivers of cards that no Pi takes, and hooks that would build an initrd twice
# under emulation and fill a boot partition that is not there.
LEFT_OUT: Final = (
    "/usr/share/man/*",
    "/usr/share/locale/*",
    "/usr/share/doc/*",
    "/usr/share/bug/*",
    "/usr/share/lintian/*",
    "/etc/kernel/postinst.d/*",
    "/etc/kernel/postrm.d/*",
    "/etc/initramfs/post-update.d/*",
    *(
        f"/usr/lib/modules/*/kernel/drivers/{folder}/*"
        for folder in (
            "accel",
            "gpu/drm/amd",
            "gpu/drm/nouveau",
            "gpu/drm/radeon",
            "gpu/drm/xe",
            "infiniband",
            "iommu",
            "media",
            "net/ethernet/chelsio",
            "net/ethernet/intel",
            "net/ethernet/mellanox",
            "net/ethernet/qlogic",
            "net/ethernet/sfc",
            "net/wireless/ath",
            "net/wireless/intel",
            "net/wireless/marvell",
            "net/wireless/mediatek",
            "net/wireless/ralink",
            "net/wireless/realtek",
            "staging",
        )
    ),
)
APT: Final = (
    'Acquire::Check-Valid-Until "false"',
    'Acquire::Check-Date "false"',
    'Acquire::Languages "none"',
    'Acquire::Retries "3"',
    'APT::Install-Recommends "false"',
)


def sources() -> tuple[str, ...]:
    """Return the lines of sources.list, from the machine's own mirrors. Raises `Unbuildable`."""
    mirror, security = os.environ.get("MIRROR"), os.environ.get("MIRROR_SECURITY")
    if not mirror or not security:
        listed = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)", "Created-By: Packages"])
        lines = [line.split(maxsplit=2) for line in listed.splitlines()]
        debian = [(uri, label) for uri, origin, label in lines if origin == "Debian"]
        mirror = mirror or next((uri for uri, label in debian if label == "Debian"), None)
        security = security or next((uri for uri, label in debian if label == "Debian-Security"), None)
    if not mirror or not security:
        raise Unbuildable(
            "this machine has no Debian mirror of its own (or no package lists: apt-get update). "
            "Name them: make image MIRROR=... MIRROR_SECURITY=..."
        )
    return (
        *(f"deb {mirror.rstrip('/')} {suite} {COMPONENTS}" for suite in SUITES),
        f"deb {security.rstrip('/')} {SUITE}-security {COMPONENTS}",
    )


def wanted() -> tuple[str, ...]:
    """Return what packages.txt names, as apt takes it."""
    lines = (line.strip() for line in LIST.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def locked(text: str) -> dict[str, str]:
    """Return the versions in a packages.lock, by package. Raises `Unbuildable` with every line that is none."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    if wrong := [line for line in lines if len(line.split()) != 2]:
        raise Unbuildable(f"packages.lock: not `package version`: {'; '.join(wrong)}. Write it anew: make image-pins")
    return {name: version for name, _, version in (line.partition(" ") for line in lines)}


def differences(pinned: dict[str, str], installed: dict[str, str]) -> list[str]:
    """Return what is installed otherwise than pinned, a line each."""
    return [
        f"{name}: pinned {pinned.get(name, 'not at all')}, got {installed.get(name, 'none')}"
        for name in sorted(pinned.keys() | installed.keys())
        if pinned.get(name) != installed.get(name)
    ]


def installed(root: Path) -> dict[str, str]:
    """Return the packages and versions that dpkg knows in a root file system."""
    status = (root / "var/lib/dpkg/status").read_text(encoding="utf-8")
    found = {}
    for block in status.split("\n\n"):
        said = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(" "))
        if said.get("Status") == "install ok installed":
            found[said["Package"]] = said["Version"]
    return found


def epoch_of(text: str) -> int:
    """Return when a packages.lock was written, in seconds since 1970: no file of the packages is younger."""
    said = re.search(r"^# epoch (\d+)$", text, re.MULTILINE)
    if said is None:
        raise Unbuildable("packages.lock: no line `# epoch SECONDS`. Write it anew: make image-pins")
    return int(said[1])


def base(epoch: int, *, pinned: bool) -> Path:
    """Return a tar of the root file system with Debian's packages and nothing else; from the cache if it is there."""
    cache = cache_folder()
    packages = cache / "packages"
    packages.mkdir(exist_ok=True)
    versions = locked(LOCK.read_text(encoding="utf-8")) if pinned else {}
    includes = [f"{name}={version}" for name, version in versions.items()] if pinned else list(wanted())
    key = hashlib.sha256("\n".join([*includes, *LEFT_OUT, *APT, str(epoch)]).encode()).hexdigest()[:16]
    made = cache / f"base-{key}.tar"
    if made.exists() and pinned:
        say(f"Debian's packages: as before ({made.name})")
        return made
    say(f"Debian's packages: fetching and unpacking {len(includes) if pinned else 'the newest'} (the longest part)")
    partial = made.with_suffix(".new.tar")
    run(list(_mmdebstrap(includes, packages, partial)), env={"SOURCE_DATE_EPOCH": str(epoch)})
    partial.rename(made)
    return made


def _mmdebstrap(includes: list[str], packages: Path, out: Path) -> Iterator[str]:
    yield from ("mmdebstrap", "--variant=minbase", "--architectures=arm64", f"--keyring={KEYRING}")
    yield "--skip=essential/unlink"
    yield from (f"--aptopt={option}" for option in APT)
    yield from (f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT)
    yield "--dpkgopt=path-include=/usr/share/doc/*/copyright"
    yield "--dpkgopt=force-unsafe-io"
    archives = "var/cache/apt/archives"
    yield f'--setup-hook=mkdir -p "$1"/{archives} && cp -n {packages}/*.deb "$1"/{archives}/ 2>/dev/null || true'
    # raspi-firmware calls this hook by name: nothing is done.
    hook = "etc/kernel/postinst.d/z50-raspi-firmware"
    yield f'--setup-hook=mkdir -p "$1"/etc/kernel/postinst.d && ln -s /bin/true "$1"/{hook}'
    yield f'--customize-hook=cp -n "$1"/{archives}/*.deb {packages}/'
    yield f"--include={','.join(includes)}"
    yield from (SUITE, str(out), *sources())


def unpacked(packages: Sequence[str], into: Path, *, architecture: str = "arm64") -> None:
    """Unpack packages that are not in the image into `into`: what compiling and the tests need."""
    options = asked(architecture)
    new = into.with_name(into.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    run(["apt-get", *options, "download", *packages], into=new)
    for fetched in sorted(new.glob("*.deb")):
        run(["dpkg-deb", "-x", fetched, new])
    shutil.rmtree(into, ignore_errors=True)
    new.rename(into)


def asked(architecture: str) -> list[str]:
    """Ask the mirrors what they have; return the options by which apt knows it, apart from this machine's own."""
    state = cache_folder() / f"apt-{architecture}"
    for folder in ("lists/partial", "archives/partial", "etc/preferences.d", "etc/apt.conf.d"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    signed = [line.replace("deb ", f"deb [arch={architecture} signed-by={KEYRING}] ", 1) for line in sources()]
    (state / "sources.list").write_text("\n".join(signed) + "\n", encoding="utf-8")
    options = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state,
        "Dir::Etc": state / "etc",
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "APT::Sandbox::User": "root",
    }
    apt = ["-qq", *(each for pair in options.items() for each in ("-o", f"{pair[0]}={pair[1]}"))]
    apt += [each for option in APT for each in ("-o", option.replace(' "', "=").replace('"', ""))]
    run(["apt-get", *apt, "update"])
    return apt


def offered(said: str) -> dict[str, list[tuple[str, str]]]:
    """Return, by package, the versions that `apt-cache madison` lists, each with its suite, apt's order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in said.splitlines():
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 3 and columns[2].endswith("Packages"):
            suite = columns[2].split()[1].partition("/")[0]
            found.setdefault(columns[0], []).append((columns[1], suite))
    return found


def judged(pinned: dict[str, str], found: dict[str, list[tuple[str, str]]]) -> tuple[list[str], list[str]]:
    """Return a line for each pinned version that no mirror has any more, and for each that has a newer one.

    A backport counts as newer only where the pinned version is one itself.
    """
    gone, older = [], []
    for name, version in pinned.items():
        versions = found.get(name, [])
        if version not in {each for each, _ in versions}:
            told = ", ".join(dict.fromkeys(each for each, _ in versions)) or "nothing"
            gone.append(f"{name} {version} is not offered any more; there is {told}")
            continue
        is_backport = all("backports" in suite for each, suite in versions if each == version)
        newest = next(each for each, suite in versions if is_backport or "backports" not in suite)
        if newest != version:
            older.append(f"{name} {version}: there is {newest}")
    return gone, older


def check() -> None:
    """Say which pinned versions the mirrors still have. Raises `Unbuildable` if one is gone."""
    pinned = locked(LOCK.read_text(encoding="utf-8"))
    gone, older = judged(pinned, offered(run(["apt-cache", *asked("arm64"), "madison", *pinned])))
    for line in (*gone, *older):
        say(line)
    say(f"{LOCK.name}: {len(pinned)} versions, {len(gone)} gone, {len(older)} with a newer one")
    if gone:
        raise Unbuildable(
            f"{len(gone)} pinned versions are on no mirror: a build from scratch is impossible. "
            "make image-pins, or a mirror that keeps old ones"
        )


def renew(epoch: int) -> None:
    """Write packages.lock anew, from the newest that the mirrors have for packages.txt."""
    tar = base(epoch, pinned=False)
    with tempfile.TemporaryDirectory() as folder:
        run(["tar", "-C", folder, "-xf", tar, "./var/lib/dpkg/status"])
        versions = installed(Path(folder))
    tar.unlink()
    lines = [f"{name} {version}\n" for name, version in sorted(versions.items())]
    head = (
        "# Every Debian package of the image and its version. Written by `make image-pins` from packages.txt; look at\n"
        f"# the difference before it is committed.\n# epoch {epoch}\n"
    )
    LOCK.write_text(head + "".join(lines), encoding="utf-8")
    say(f"{LOCK.name}: {len(versions)} packages")
