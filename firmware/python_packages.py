"""How does the program get into the image? As a virtual environment of wheels for its Python and processor.

Nothing of it runs here: wheels are unpacked, pinned by constraints.txt. lgpio has none for this Python and is compiled
by a cross compiler.
"""

import shutil
import sys
import tarfile
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from firmware import debian
from firmware.tools import REPOSITORY, Unbuildable, cache_folder, run, say

HOME: Final = Path("opt/pi-companion")
VERSION: Final = (3, 13)
GLIBC: Final = 41
DOTTED: Final = ".".join(map(str, VERSION))
TAG: Final = "".join(map(str, VERSION))
PLATFORMS: Final = [f"manylinux_2_{minor}_aarch64" for minor in range(GLIBC, 16, -1)] + ["manylinux2014_aarch64"]

_PIP: Final = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
_ENVIRONMENT: Final = {
    "extra": "pi",
    "python_version": DOTTED,
    "python_full_version": f"{DOTTED}.0",
    "platform_machine": "aarch64",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "implementation_name": "cpython",
}
# No wheel for this Python, or only published as source: built here.
_FROM_SOURCE: Final = frozenset({"lgpio", "srt"})


def tags() -> frozenset[Tag]:
    """Return what wheels of the image's Python may be tagged with."""
    return frozenset(
        [
            *cpython_tags(VERSION, abis=[f"cp{TAG}"], platforms=PLATFORMS),
            *compatible_tags(VERSION, interpreter=f"cp{TAG}", platforms=PLATFORMS),
        ]
    )


def closure(constraints: str) -> dict[str, str]:
    """Return name and version of everything that the device runs, at the pins. Raises `Unbuildable`."""
    lines = (line.split("==") for line in constraints.splitlines() if "==" in line and not line.startswith("#"))
    pinned = {canonicalize_name(name): version.strip() for name, version in lines}
    found: dict[str, str] = {}
    unpinned = []
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # From the checkout itself: what is installed here may be older than what it asks for.
    waiting = [Requirement(each) for each in (*project["dependencies"], *project["optional-dependencies"]["pi"])]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        exact = next((each.version for each in wanted.specifier if each.operator == "=="), None)
        if name in found:
            continue
        version = pinned.get(name) or exact
        if version is None:
            unpinned.append(name)
            continue
        found[name] = version
        if name in {"lgpio", "vl53l1x"}:  # not installed where there are no pins; smbus2 is needed anyway
            continue
        for requirement in map(Requirement, distribution(name).requires or ()):
            extras = {*wanted.extras, ""}
            if requirement.marker is None or any(
                requirement.marker.evaluate(_ENVIRONMENT | {"extra": extra}) for extra in extras
            ):
                waiting.append(requirement)
    if unpinned:
        raise Unbuildable(f"constraints.txt does not pin {', '.join(sorted(unpinned))}, which the device needs")
    return dict(sorted(found.items()))


def wheels() -> list[Path]:
    """Return a wheel for everything that the device runs, the program of this checkout last; fetched where need be."""
    folder = cache_folder() / "wheels"
    folder.mkdir(exist_ok=True)
    wanted = closure((REPOSITORY / "constraints.txt").read_text(encoding="utf-8"))
    missing = {name: version for name, version in wanted.items() if _wheel(folder, name, version) is None}
    binary = [f"{name}=={version}" for name, version in missing.items() if name not in _FROM_SOURCE]
    if binary:
        say(f"fetching {len(binary)} wheels for Python {DOTTED} on 64-bit ARM")
        platforms = [each for platform in PLATFORMS for each in ("--platform", platform)]
        python = [
            "--python-version",
            TAG,
            "--implementation",
            "cp",
            "--abi",
            f"cp{TAG}",
            "--abi",
            "abi3",
            "--abi",
            "none",
        ]
        run(
            [*_PIP, "download", "--only-binary=:all:", "--no-deps", *platforms, *python, "--dest", str(folder), *binary]
        )
    if "srt" in missing:
        run([*_PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), f"srt=={missing['srt']}"])
    if "lgpio" in missing:
        _compile_lgpio(missing["lgpio"], folder)
    found = [_wheel(folder, name, version) for name, version in wanted.items()]
    return [*(each for each in found if each is not None), _own_wheel()]


def _wheel(folder: Path, name: str, version: str) -> Path | None:
    usable = tags()
    for path in sorted(folder.glob("*.whl")):
        its_name, its_version, _, its_tags = parse_wheel_filename(path.name)
        if its_name == name and str(its_version) == version and its_tags & usable:
            return path
    return None


def _own_wheel() -> Path:
    """Build the wheel of this checkout."""
    say("building the wheel of this checkout")
    folder = REPOSITORY / "build" / "image" / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    run([*_PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(REPOSITORY)])
    (wheel,) = folder.glob("pi_companion-*.whl")
    return wheel


def _compile_lgpio(version: str, folder: Path) -> None:
    say(f"compiling lgpio {version} for 64-bit ARM")
    work = cache_folder() / "lgpio"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    fetch = [*_PIP, "download", "--no-deps", "--no-build-isolation", "--no-binary", "lgpio", "--dest", str(work)]
    run([*fetch, f"lgpio=={version}"])
    (archive,) = work.glob("lgpio-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(work, filter="data")
    (source,) = (each for each in work.glob("lgpio-*") if each.is_dir())
    debian.unpacked([f"libpython{DOTTED}-dev"], work / "headers")
    include = work / "headers/usr/include"
    cross = {
        "PYPI": "1",  # with the C library inside, rather than one that Debian does not have
        "CC": "aarch64-linux-gnu-gcc",
        "LDSHARED": "aarch64-linux-gnu-gcc -shared",
        "CFLAGS": f"-I{include}/python{DOTTED} -I{include} -I{include}/aarch64-linux-gnu",
        "_PYTHON_HOST_PLATFORM": "linux-aarch64",
    }
    run(
        [sys.executable, "setup.py", "-q", "build_ext", "--build-lib", "built", "build_py", "--build-lib", "built"],
        into=source,
        env=cross,
    )
    for compiled in (source / "built").glob("_lgpio*.so"):
        compiled.rename(compiled.with_name(f"_lgpio.cpython-{TAG}-aarch64-linux-gnu.so"))
    _pack(source, version, folder)


def _pack(source: Path, version: str, folder: Path) -> None:
    info = source / "built" / f"lgpio-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: lgpio\nVersion: {version}\nLicense: Unlicense\n")
    (info / "WHEEL").write_text(
        "Wheel-Version: 1.0\nGenerator: pi-companion\nRoot-Is-Purelib: false\n"
        f"Tag: cp{TAG}-cp{TAG}-manylinux_2_36_aarch64\n"
    )
    run([sys.executable, "-m", "wheel", "pack", "--dest-dir", folder, source / "built"])


def install(root: Path, found: list[Path]) -> None:
    """Put a virtual environment with these wheels into a root file system, at its place."""
    home = root / HOME
    packages = home / f"lib/python{DOTTED}/site-packages"
    shutil.rmtree(home, ignore_errors=True)
    (home / "bin").mkdir(parents=True)
    (home / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {DOTTED}\n", encoding="utf-8"
    )
    for name in ("python", "python3", f"python{DOTTED}"):
        (home / "bin" / name).symlink_to(f"/usr/bin/python{DOTTED}" if name == "python" else "python")
    python = ["--python-version", TAG, "--implementation", "cp", "--abi", f"cp{TAG}", "--abi", "abi3", "--abi", "none"]
    platforms = [each for platform in PLATFORMS for each in ("--platform", platform)]
    options = ["--no-deps", "--no-index", "--no-compile", "--only-binary=:all:", "--no-warn-script-location"]
    run([*_PIP, "install", *options, *platforms, *python, "--target", packages, *found])
    # Where the wheels lay here, and pip's scripts, whose first line says with which Python: both of this machine alone.
    shutil.rmtree(packages / "bin", ignore_errors=True)
    for origin in packages.glob("*.dist-info/direct_url.json"):
        origin.unlink()
    for record in packages.glob("*.dist-info/RECORD"):
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = (line for line in lines if "/direct_url.json," not in line and not line.startswith("../../bin/"))
        record.write_text("".join(kept), encoding="utf-8")
    script = home / "bin/pi-companion"
    script.write_text(
        f"#!/{HOME}/bin/python\nimport sys\n\nfrom pi_companion.cli import main\n\nsys.exit(main())\n", encoding="utf-8"
    )
    script.chmod(0o755)


def compile_in(root: Path) -> None:
    """Compile the virtual environment: a read-only root cannot do it by itself. Raises `Unbuildable`."""
    say("compiling the Python packages")
    interpreter = _same_python()
    options = ["-m", "compileall", "-q", "-s", str(root), "-p", "/", "--invalidation-mode", "unchecked-hash"]
    run([*interpreter, *options, root / HOME / "lib"], env={"SOURCE_DATE_EPOCH": "0", "PYTHONDONTWRITEBYTECODE": "1"})


def _same_python() -> list[str]:
    """Return a command for the image's version of Python that runs here: what it compiles is no processor's."""
    own = Path(f"/usr/bin/python{DOTTED}")
    if own.exists():
        return [str(own), "-I"]
    place = cache_folder() / f"python{DOTTED}"
    loader = "usr/lib64/ld-linux-x86-64.so.2"
    if not (place / loader).exists():
        say(f"fetching Debian's Python {DOTTED} for this machine")
        packages = [
            f"python{DOTTED}-minimal",
            f"libpython{DOTTED}-minimal",
            f"libpython{DOTTED}-stdlib",
            "libc6",
            "zlib1g",
            "libexpat1",
        ]
        debian.unpacked(packages, place, architecture="amd64")
    libraries = place / "usr/lib/x86_64-linux-gnu"
    home = ["env", f"PYTHONHOME={place / 'usr'}"]
    return [*home, str(place / loader), "--library-path", str(libraries), str(place / f"usr/bin/python{DOTTED}")]


def names(root: Path) -> dict[str, str]:
    """Return the Python packages and versions in the virtual environment of a root file system."""
    found = {}
    for info in (root / HOME).glob("lib/python3*/site-packages/*.dist-info/METADATA"):
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        said = dict(line.split(": ", 1) for line in lines[:40] if ": " in line)
        found[canonicalize_name(said["Name"])] = said["Version"]
    return dict(sorted(found.items()))
