"""What does the guest need that must be built? A kernel, a kernel module, a device tree, the device's own Python.

Everything is kept in a cache, each part under a key made from what it was built from, so that only the first time is
long. A part is built beside its place and moved there when it is whole: an interrupted build is begun again.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
REPOSITORY: Final = HERE.parents[1]
CACHE_VARIABLE: Final = "PI_COMPANION_GUEST_CACHE"
SOURCE: Final = Path("/usr/src/linux-source-6.12.tar.xz")
SYSTEM_PYTHON: Final = Path("/usr/bin/python3")
HOME_IN_GUEST: Final = Path("/opt/pi-companion")
"""Where the device's Python is in the guest, and on a Pi. Its scripts name it, so it is built for this place."""

_BEGAN: Final = time.monotonic()

# Each thing that is needed, by a file that shows it is there, and the Debian package that brings it.
_NEEDED: Final = {
    str(SOURCE): "linux-source-6.12",
    "/usr/bin/bc": "bc",
    "/usr/bin/bison": "bison",
    "/usr/bin/flex": "flex",
    "/usr/bin/gcc": "gcc",
    "/usr/bin/make": "make",
    "/usr/bin/xz": "xz-utils",
    "/usr/include/libelf.h": "libelf-dev",
    "/usr/bin/swig": "swig",
    "/usr/bin/aplay": "alsa-utils",
    "/usr/bin/strace": "strace",
    "/sbin/modprobe": "kmod",
    "/lib/systemd/systemd": "systemd",
    "/lib/systemd/systemd-udevd": "udev",
    "/usr/share/alsa/alsa.conf": "libasound2-data",
    "/usr/include/python3*/Python.h": "python3-dev",
    "/usr/lib/python3*/ensurepip/__init__.py": "python3-venv",
}


class Unbuildable(Exception):
    """Something the guest needs cannot be had; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """A built kernel: the program, its modules, what external modules are built against."""

    program: Path
    modules: Path
    tree: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Everything a boot needs. `modules`: a folder of `.ko` files. `python`: what is under `HOME_IN_GUEST`."""

    kernel: Path
    modules: Path
    device_tree: Path
    python: Path


def say(text: str) -> None:
    """Print a line of progress, with the seconds since this program began."""
    print(f"guest [{time.monotonic() - _BEGAN:4.0f} s] {text}", flush=True)


def cache_folder() -> Path:
    """Return where built parts are kept: $PI_COMPANION_GUEST_CACHE, else below the user's cache folder."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pi-companion" / "guest"


def key_of(*parts: str | bytes) -> str:
    """Return a short fingerprint of what something is built from."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:16]


def build() -> Built:
    """Return everything built, from the cache where it is there. Raises `Unbuildable`."""
    _require_tools()
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        flock(lock, LOCK_EX)  # a second run waits rather than building the same again
        kernel = _kernel(cache)
        return Built(
            kernel=kernel.program,
            modules=_modules(cache, kernel),
            device_tree=_device_tree(cache, kernel),
            python=_python(cache),
        )


def wheel_layer(layer: Path) -> None:
    """Install a wheel built from this checkout, alone, into `layer`: what goes over `Built.python` in the guest."""
    say("building the wheel from this checkout")
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
        _run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, str(REPOSITORY)])
        (wheel,) = Path(folder).glob("pi_companion-*.whl")
        _run(
            [
                *pip,
                "--python",
                str(SYSTEM_PYTHON),
                "install",
                "--no-deps",
                "--ignore-installed",
                "--no-compile",
                "--no-warn-script-location",
                "--prefix",
                str(layer),
                str(wheel),
            ]
        )
    local = layer / "local"  # Debian's Python installs below local/ whatever prefix it is given
    if local.is_dir():
        for entry in local.iterdir():
            entry.rename(layer / entry.name)
        local.rmdir()
    for packages in layer.glob("lib/python3*/dist-packages"):
        packages.rename(packages.with_name("site-packages"))
    _at_home(layer / "bin")


def _require_tools() -> None:
    if os.uname().machine != "x86_64":
        raise Unbuildable(f"the guest's kernel runs on x86_64 only; this machine is {os.uname().machine}")
    missing = [package for path, package in _NEEDED.items() if not any(Path("/").glob(path[1:]))]
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    by_hand = f"this machine lacks {', '.join(missing)}. Install with\n\n    sudo {' '.join(install)}\n\nand try again."
    if shutil.which("apt-get") is None:
        raise Unbuildable(f"this machine lacks {', '.join(missing)} (the names on Debian, where the guest is at home)")
    if os.geteuid() != 0:
        raise Unbuildable(by_hand)
    say(f"installing with apt-get: {' '.join(missing)}")
    options = ["-qq", "-o", "DPkg::Lock::Timeout=120"]
    # Without package lists, or with old ones, the first try fails: only then are they fetched.
    if not _succeeds([*install, *options]):
        _succeeds(["apt-get", "update", *options])
        if not _succeeds([*install, *options]):
            raise Unbuildable(by_hand)


def _succeeds(command: Sequence[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, check=False, capture_output=True).returncode == 0


def _kernel(cache: Path) -> Kernel:
    fragment = HERE / "kernel" / "config"
    version = _output(["dpkg-query", "--show", "--showformat", "${Version}", "linux-source-6.12"])
    compiler = _output(["gcc", "-dumpfullversion"])
    place = cache / f"kernel-{key_of(version, compiler, fragment.read_bytes())}"
    if not place.exists():
        _make(place, lambda folder: _build_kernel(folder, fragment, version))
    return Kernel(program=place / "linux", modules=place / "modules", tree=place / "tree")


def _build_kernel(place: Path, fragment: Path, version: str) -> None:
    tree = place / "tree"
    tree.mkdir()
    say(f"unpacking the kernel's source ({version})")
    _run(["tar", "xf", str(SOURCE), "--strip-components=1", "--exclude=Documentation/[a-z]*", "-C", str(tree)])
    make = ["make", "-C", str(tree), "ARCH=um", "KBUILD_BUILD_TIMESTAMP=", "KBUILD_BUILD_USER=guest"]
    _run([*make, "x86_64_defconfig"])
    _run(["scripts/kconfig/merge_config.sh", "-m", ".config", str(fragment)], folder=tree)
    _run([*make, "olddefconfig"])
    if refused := refused_settings(fragment.read_text(), (tree / ".config").read_text()):
        raise Unbuildable(
            f"this kernel cannot have {', '.join(refused)} of {fragment.name}; what they depend on has changed with "
            f"{version}: see `make ARCH=um menuconfig` in a tree of that source"
        )
    began = time.monotonic()
    _count_files([*make, f"-j{os.cpu_count() or 1}", "linux", "modules"], folder=place)
    say(f"the kernel is built, in {time.monotonic() - began:.0f} s")
    _keep_what_is_needed(place, tree)


def _keep_what_is_needed(place: Path, tree: Path) -> None:
    shutil.copy2(tree / "linux", place / "linux")
    _run(["strip", "--strip-debug", str(place / "linux")])
    (place / "modules").mkdir()
    for module in tree.rglob("*.ko"):
        shutil.copy2(module, place / "modules")
    _prune(tree)


def refused_settings(wanted: str, got: str) -> list[str]:
    """Return the settings of a fragment that a `.config` does not have, as they are written in the fragment."""
    had = set(got.splitlines())
    settings = [each for each in wanted.splitlines() if re.match(r"(# )?CONFIG_", each)]
    # A setting that no longer exists is as good as one that is off.
    names = {each.split("=")[0] for each in had if each.startswith("CONFIG_")}
    return [
        each for each in settings if each not in had and not (each.startswith("# ") and each.split()[1] not in names)
    ]


def _prune(tree: Path) -> None:
    """Leave of a built tree what building a module needs: 1.6 GB become a few dozen MB."""
    kept = {"Makefile", "Kbuild", "Kconfig", ".config", "Module.symvers", "include", "scripts", "arch", "tools"}
    for entry in tree.iterdir():
        if entry.name not in kept:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    for entry in (tree / "arch").iterdir():
        if entry.is_dir() and entry.name not in {"um", "x86"}:
            shutil.rmtree(entry)
    for entry in (tree / "tools").iterdir():
        if entry.name not in {"include", "build", "scripts"}:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for entry in [*tree.rglob("*.o"), *tree.rglob("*.a"), *tree.rglob("*.dts*")]:
        if entry.is_file() and "scripts" not in entry.relative_to(tree).parts:
            entry.unlink()


def _modules(cache: Path, kernel: Kernel) -> Path:
    sources = [HERE / "kernel" / "Makefile", HERE / "kernel" / "virtual_oled.c"]
    place = cache / f"modules-{key_of(kernel.program.parent.name, *(each.read_bytes() for each in sources))}"

    def build_module(folder: Path) -> None:
        say("building the virtual OLED's kernel module")
        with tempfile.TemporaryDirectory() as work:
            for source in sources:
                shutil.copy2(source, work)
            _run(["make", "-C", str(kernel.tree), "ARCH=um", f"M={work}", "modules"])
            for module in [*kernel.modules.glob("*.ko"), Path(work) / "virtual_oled.ko"]:
                shutil.copy2(module, folder)

    if not place.exists():
        _make(place, build_module)
    return place


def _device_tree(cache: Path, kernel: Kernel) -> Path:
    source = HERE / "kernel" / "board.dts"
    place = cache / f"board-{key_of(source.read_bytes())}"
    compiler = kernel.tree / "scripts" / "dtc" / "dtc"
    if not place.exists():
        _make(place, lambda folder: _run([str(compiler), "-o", str(folder / "board.dtb"), str(source)]))
    return place / "board.dtb"


def _python(cache: Path) -> Path:
    """The device's Python: the system's, with the pinned packages and lgpio built for it, as if in `HOME_IN_GUEST`."""
    constraints, project = REPOSITORY / "constraints.txt", REPOSITORY / "pyproject.toml"
    version = _output([str(SYSTEM_PYTHON), "-VV"])
    place = cache / f"python-{key_of(version, constraints.read_bytes(), *_requirements(project))}"

    def install(folder: Path) -> None:
        say("making the device's Python, with the pinned packages")
        _run([str(SYSTEM_PYTHON), "-m", "venv", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
        (lgpio,) = [each for each in _requirements(project) if each.startswith("lgpio")]
        rest = [each for each in _requirements(project) if not each.startswith("lgpio")]
        _run([*pip, "install", "--constraint", str(constraints), *rest])
        say("building lgpio for it")
        # PYPI=1: with its C library inside; the `swig` of the machine, because isolation would hide it.
        _run([*pip, "install", "setuptools", "wheel"])
        _run([*pip, "install", "--no-binary", "lgpio", "--no-build-isolation", lgpio], environment={"PYPI": "1"})
        _at_home(folder / "bin")

    if not place.exists():
        _make(place, install)
    return place


def _requirements(project: Path) -> list[str]:
    import tomllib  # noqa: PLC0415 - only where it is needed

    table = tomllib.loads(project.read_text())["project"]
    return [*table["dependencies"], *table["optional-dependencies"]["pi"]]


def _at_home(scripts: Path) -> None:
    """Make scripts name the Python that they will have in the guest, not the one that installed them."""
    for script in scripts.iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        first, newline, rest = script.read_bytes().partition(b"\n")
        if first.startswith(b"#!") and b"python" in first:
            script.write_bytes(f"#!{HOME_IN_GUEST}/bin/python3".encode() + newline + rest)


def _make(place: Path, build_it: Callable[[Path], None]) -> None:
    unfinished = place.with_name(f"{place.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    build_it(unfinished)
    unfinished.rename(place)


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def _explained(command: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Unbuildable(f"{error.filename} is not there: install it and try again") from error
    except subprocess.CalledProcessError as error:
        end = "\n".join(str(error.stdout).splitlines()[-25:])
        raise Unbuildable(f"this failed, its last lines are above it:\n{end}\n\n    {' '.join(command)}") from error


def _run(command: Sequence[str], *, folder: Path | None = None, environment: dict[str, str] | None = None) -> None:
    with _explained(command):
        subprocess.run(
            command,
            cwd=folder,
            env=os.environ | (environment or {}),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def _count_files(command: Sequence[str], *, folder: Path) -> None:
    """Run a long build, with a line of progress every half minute: how many files are compiled."""
    log = folder / "build.log"
    with _explained(command), log.open("w+") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            while True:
                try:
                    status = process.wait(timeout=30)
                    break
                except subprocess.TimeoutExpired:
                    compiled = log.read_text(errors="replace").count("  CC ")
                    say(f"building the kernel: {compiled} files compiled, of about 920")
        finally:
            process.kill()
        if status != 0:
            raise subprocess.CalledProcessError(status, command, output=log.read_text(errors="replace"))
