"""Is the repository what it says it is? Law 1 and the house rules, checked on the files that git tracks.

Each check is a function from text to complaints, tried on a bad sample first: a check that cannot fail checks nothing.
"""

import ast
import io
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import pi_companion

ROOT = Path(__file__).parents[2]

# What the core may import. Everything here computes and nothing else: no clock, thread, randomness, logging, file,
# hardware. An addition is a decision about law 1, so the list is short and explicit.
LANGUAGE = frozenset({"__future__", "abc", "collections", "dataclasses", "enum", "functools", "types", "typing"})
ARITHMETIC = frozenset({"array", "bisect", "fractions", "heapq", "itertools", "math", "operator", "statistics"})
TEXT = frozenset({"re", "string"})
# Names that reach outside without an import.
IMPURE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"})

MACHINE_PATH = re.compile(r"(?<![\w.~$}*-])/(?:root|home|work|workspace|Users)/|\b[A-Z]:\\Users\b")
REGISTRY_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|piwheels\.org|npmjs\.(?:org|com)|(?:deb|snapshot|security)\.debian\.org"
    r"|archive\.raspberrypi\.|raspbian\.org|crates\.io|conda\.anaconda\.org|docker\.io|ghcr\.io|proxy\.golang\.org"
)
SUPPRESSION = re.compile(
    r"#\s*(?:ruff:\s*noqa|noqa|type:\s*ignore)(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*|\[[\w,\s-]+\])?"
)


def tracked(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Every tracked text file that is there, as (path, text); only those with one of `suffixes`, if any are given."""
    # S607: git is found on the PATH, like everywhere else in the set-up.
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S607 (see above)
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if not path.is_file() or (suffixes and path.suffix not in suffixes):
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            yield name, content.decode()


def impurities(source: str) -> list[str]:
    """What a module of the core does that law 1 forbids, as `line: what`; empty if it keeps the law."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=None, level=1) | ast.ImportFrom(module=str(), level=1):
                modules = []  # a sibling: still the core
            case ast.ImportFrom(module=module, level=0) if module is not None:
                modules = [module]
            case ast.ImportFrom(module=module, level=level):
                modules = ["." * level + (module or "")]
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                found.append(f"{node.lineno}: {name}()")
                continue
            case _:
                continue
        found += [f"{node.lineno}: {module}" for module in modules if not is_pure(module)]
    return found


def is_pure(module: str) -> bool:
    """Whether the core may import `module`."""
    return module.partition(".")[0] in LANGUAGE | ARITHMETIC | TEXT or f"{module}.".startswith("pi_companion.core.")


def unexplained(source: str) -> list[int]:
    """Lines whose `noqa` or `type: ignore` has neither a reason after it nor a comment right above it."""
    comments = {
        token.start[0]: token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }

    def is_reason(text: str) -> bool:
        return len(re.findall(r"[A-Za-z]{2,}", SUPPRESSION.sub("", text))) >= 2

    def has_reason_above(line: int) -> bool:
        above = comments.get(line - 1)
        # Only a comment that has its line to itself is about the next one.
        return above is not None and not above.line[: above.start[1]].strip() and is_reason(above.string)

    return [
        line
        for line, token in comments.items()
        if SUPPRESSION.search(token.string) and not is_reason(token.string) and not has_reason_above(line)
    ]


def pins() -> dict[str, str]:
    """Project name (normalised) to version, from constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def installed_by_setup() -> dict[str, str]:
    """Name and version of everything that `pi-companion[dev]` pulls in here, itself excepted."""
    found: dict[str, str] = {}
    waiting = [Requirement("pi-companion[dev]")]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in found and not wanted.extras:
            continue
        installed = distribution(name)
        found[name] = installed.version
        for requirement in map(Requirement, installed.requires or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)):
                waiting.append(requirement)
    del found["pi-companion"]
    return found


@pytest.mark.parametrize(
    ("snippet", "complaint"),
    [
        ("import time", "1: time"),
        ("import os.path as p", "1: os.path"),
        ("from threading import Lock", "1: threading"),
        ("from pi_companion.adapters import oled", "1: pi_companion.adapters"),
        ("from pi_companion.core_extras import x", "1: pi_companion.core_extras"),
        ("from pi_companion import config", "1: pi_companion"),
        ("from ..adapters import oled", "1: ..adapters"),
        ("import numpy", "1: numpy"),
        ("def f():\n    from random import random", "2: random"),
        ("def f():\n    return open('x')", "2: open()"),
        ("__import__('time')", "1: __import__()"),
    ],
)
def test_the_purity_check_sees(snippet: str, complaint: str) -> None:
    assert impurities(snippet) == [complaint]


def test_the_purity_check_lets_the_core_be_the_core() -> None:
    source = (
        "import re\nfrom collections.abc import Iterator\nfrom pi_companion.core.facts import Fact\nfrom . import mute"
    )

    assert impurities(source) == []


def test_the_core_is_pure() -> None:
    found = {name: impurities(text) for name, text in tracked(".py") if name.startswith("pi_companion/core/")}

    assert found.keys() >= {"pi_companion/core/facts.py", "pi_companion/core/companion.py"}
    assert {name: complaints for name, complaints in found.items() if complaints} == {}


@pytest.mark.parametrize(
    "source",
    [
        "x = 1  # noqa: S101",
        "x = 1  # noqa",
        "x = f()  # type: ignore[attr-defined]",
        "x = f()  # type: ignore[attr-defined]  # noqa: S101",
        "y = 2  # about y, not about x\nx = 1  # noqa: S101",
    ],
)
def test_a_suppression_without_a_reason_is_seen(source: str) -> None:
    assert unexplained(source) == [len(source.splitlines())]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1  # noqa: S101 (the sum is checked by the caller)",
        "x = f()  # type: ignore[attr-defined]  # published without types",
        "# The caller has checked the sum.\nx = 1  # noqa: S101",
        "x = '# noqa: in a string'",
    ],
)
def test_a_suppression_with_a_reason_is_accepted(source: str) -> None:
    assert unexplained(source) == []


def test_every_suppression_has_a_reason() -> None:
    found = {f"{name}:{line}" for name, text in tracked(".py") for line in unexplained(text)}

    assert found == set()


@pytest.mark.parametrize("text", ["cd /root" + "/x", "at '/home" + "/pi/x'", "(/work" + "/main)", "C:" + r"\Users\me"])
def test_a_path_of_one_machine_is_seen(text: str) -> None:
    assert MACHINE_PATH.search(text)


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    found = {name: match[0] for name, text in tracked() if (match := MACHINE_PATH.search(text))}

    assert found == {}


@pytest.mark.parametrize(
    "text", ["https://pypi." + "org/simple", "http://deb.debian." + "org", "registry.npmjs." + "org"]
)
def test_a_registry_host_is_seen(text: str) -> None:
    assert REGISTRY_HOST.search(text)


def test_no_tracked_file_names_a_package_registry() -> None:
    found = {name: match[0] for name, text in tracked() if (match := REGISTRY_HOST.search(text))}

    assert found == {}


def test_no_module_is_longer_than_300_lines() -> None:
    modules = ((name, text) for name, text in tracked(".py") if name.startswith("pi_companion/"))

    assert {name: lines for name, text in modules if (lines := len(text.splitlines())) > 300} == {}


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    newest = re.search(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest is not None
    assert newest[1] == pi_companion.__version__


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]]

    pinned = pins()
    loose = {str(one) for one in wanted if not one.specifier.contains(pinned.get(canonicalize_name(one.name), "0"))}

    assert loose == set()


def test_everything_that_the_set_up_installs_is_at_its_pin() -> None:
    pinned = pins()

    found = {name: (version, pinned.get(name)) for name, version in installed_by_setup().items()}

    assert {name: pair for name, pair in found.items() if pair[0] != pair[1]} == {}


def test_continuous_integration_is_exactly_make_test() -> None:
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]

    assert commands == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "exec make test"]


def test_make_help_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)

    assert phony is not None
    assert sorted(re.findall(r"^([a-z-]+):.*? ## \S", makefile, re.MULTILINE)) == sorted(phony[1].split())


def test_the_guards_named_in_contributing_exist() -> None:
    named = re.findall(r"`(tests/\w+/\w+\.py)::(test_\w+)`", (ROOT / "CONTRIBUTING.md").read_text())
    sources = {path: (ROOT / path).read_text() for path, _ in named}

    assert named
    assert [f"{path}::{test}" for path, test in named if f"def {test}(" not in sources[path]] == []
