#!/bin/sh
# Makes .venv with the pinned packages; does nothing when it is already there. Called by `make`; see Makefile.
#
# Needs python3 >= 3.11 and nothing else. Six parts come from the system: venv's own pip (Debian splits it off),
# libportaudio2 (sounddevice), on 64-bit ARM libatomic1 (vosk), systemd-analyze, ngspice and OpenFst (tests). What is
# missing is installed with apt-get where that needs no password; else the exact command is printed. Indexes, proxies
# and certificates: the system's own.
#
# The stamp is written last and removed first: an interrupted set-up is begun again, a finished one is updated.
set -eu
cd "$(dirname "$0")"

started=$(date +%s)
stamp=.venv/set-up
log=
trap 'test -z "$log" || rm -f "$log"' EXIT
trap 'exit 130' INT TERM

say() { printf 'setup [%3d s] %s\n' "$(($(date +%s) - started))" "$*"; }
stop() { printf '\nsetup stopped: %s\n' "$*" >&2; exit 1; }

# Runs a command silently; on failure shows the end of what was printed since $log was emptied, and returns its status.
quietly() {
    "$@" >>"$log" 2>&1 && return
    status=$?
    tail -n 25 "$log" >&2
    return "$status"
}

# Two lines. The first: where .venv stands (its paths are absolute) and its Python; another one, and it is made anew.
# The second: the lists it was filled from; other lists, and it is updated.
fingerprint() {
    { pwd -P; "$1" -VV; } 2>&1 | cksum
    cat pyproject.toml constraints.txt bootstrap.sh | cksum
}

# A Python from inside some virtual environment, .venv included, stands for the one that environment was made with.
base_python() {
    "$1" -c 'import os, sys
inside = sys.prefix != sys.base_prefix
print(os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2]) if inside else sys.executable)'
}

python=${PYTHON:-python3}
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint .venv/bin/python)" ]; then
    # Without PYTHON=, what is there is good enough.
    if [ -z "${PYTHON:-}" ] || [ "$("$python" -VV 2>&1)" = "$(.venv/bin/python -VV)" ]; then exit 0; fi
fi

command -v "$python" >/dev/null || stop "there is no $python here. Install Python 3.11 or newer, or name one: make setup PYTHON=python3.13"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "Python 3.11 or newer is needed; $python is $("$python" -V 2>&1). Name another one: make setup PYTHON=python3.13"
"$python" -c 'import sys; sys.exit(sys.maxsize < 2 ** 32)' ||
    stop "$python is a 32-bit Python; the speech library needs a 64-bit system (on a Raspberry Pi: the 64-bit OS image)."
python=$(base_python "$python")
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
log=$(mktemp)

# The Debian packages that this machine lacks, each found missing by trying what it is for.
missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || printf ' python%s-venv' "$version"
    "$python" -c 'import ctypes; ctypes.CDLL("libportaudio.so.2")' 2>/dev/null || printf ' libportaudio2'
    test "$(uname -m)" != aarch64 ||
        "$python" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null || printf ' libatomic1'
    # Only the tests of the units ask it; a container may have none.
    ! command -v apt-get >/dev/null || command -v systemd-analyze >/dev/null || printf ' systemd'
    # Only the tests of the circuits (hardware/) ask it.
    ! command -v apt-get >/dev/null || command -v ngspice >/dev/null || printf ' ngspice'
    # Only the tests of the speech model's graph ask it. The plugins' name has a number; apt-get takes it as a pattern.
    ! command -v apt-get >/dev/null || command -v fstconvert >/dev/null || printf ' libfst-tools libfst.*-plugins-base'
}

apt() {
    # shellcheck disable=SC2086 # empty, or two words
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 "$@" \
        >>"$log" 2>&1
}

missing=$(missing_packages)
if [ -n "$missing" ]; then
    by_hand="this machine lacks$missing. Install with

    sudo apt-get update && sudo apt-get install -y$missing

and run make again."
    if ! command -v apt-get >/dev/null; then
        stop "this machine lacks$missing (the names on Debian; here they may differ). Install and run make again."
    elif [ "$(id -u)" -eq 0 ]; then
        root=
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        root='sudo -n'
    else
        stop "$by_hand"
    fi
    say "installing with apt-get:$missing"
    # Without package lists, or with old ones, the first try fails: only then are they fetched.
    # shellcheck disable=SC2086 # the packages are separate words
    if ! apt install -y --no-install-recommends $missing; then
        for try in 1 2 3; do
            say "fetching apt's package lists first (try $try of 3)"
            : >"$log"
            apt update && apt install -y --no-install-recommends $missing && break
            test "$try" -lt 3 || { tail -n 25 "$log" >&2; stop "$by_hand"; }
            sleep 5
        done
    fi
    : >"$log"
    missing=$(missing_packages)
    test -z "$missing" || stop "apt-get succeeded and yet $python lacks$missing. Is it the system's own Python?"
fi

if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$(fingerprint "$python" | head -n 1)" ]; then
    say "updating .venv (Python $version)"
    rm -f "$stamp"
else
    say "making .venv (Python $version)"
    rm -f "$stamp"
    rm -rf .venv
    quietly "$python" -m venv .venv || stop "$python could not make .venv (above is why)."
fi

pip() {
    .venv/bin/python -m pip --quiet --disable-pip-version-check --no-input "$@" ||
        stop "pip could not install (above is why). Nothing is lost: run make again."
}

say "installing what builds it"
pip install --retries 5 --constraint constraints.txt editables hatchling setuptools wheel
say "installing the packages pinned in constraints.txt (about 70 MB the first time)"
pip install --retries 5 --constraint constraints.txt --no-build-isolation --use-pep517 --editable '.[dev]'
say "loading each library once"
quietly .venv/bin/python -c 'import numpy, sounddevice, soundfile, soxr, vosk, webrtcvad' ||
    stop "a library is installed but does not load (above is why)."

fingerprint .venv/bin/python >"$stamp.new"
mv "$stamp.new" "$stamp"
say "done: .venv is ready"
