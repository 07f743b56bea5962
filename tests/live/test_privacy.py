"""Law 9, live: a whole call on the running device, in a process whose files and sockets are traced, then a scan.

The audit hook sees what Python opens; strace, where there is one, sees what native code opens as well.
"""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from pi_companion.bench.calls import bundled_call
from pi_companion.session import folder
from pi_companion.station_file import LEARNED
from tests.live import privacy

CALL = bundled_call("03-hold-with-consent")


@pytest.fixture(scope="module")
def needles() -> privacy.Needles:
    return privacy.Needles.of(CALL)


def allowed(runtime: Path, state: Path) -> list[str]:
    """Everything that a live call may write to or talk to."""
    run, kept = re.escape(str(runtime)), re.escape(str(state))
    return [
        rf"socket\.(bind|connect) {run}/status\.sock",
        rf"socket\.sendto {run}/notify",
        rf"(bind|connect|sendto) AF_UNIX {run}/(status\.sock|notify)",
        rf"os\.mkdir {kept} 511",
        rf"write {kept}/\.station\.toml\.\w+\.partial",
        rf"os\.rename {kept}/\.station\.toml\.\w+\.partial {kept}/station\.toml",
        rf'rename "{kept}/\.station\.toml\.\w+\.partial", "{kept}/station\.toml"',
        r"write /dev/null",
    ]


def test_nothing_of_a_live_call_gets_out(tmp_path: Path, needles: privacy.Needles) -> None:
    runtime, state, report, trace = (tmp_path / name for name in ("run", "state", "report.json", "strace"))
    runtime.mkdir()
    state.mkdir()
    command = [sys.executable, "-B", "-m", "tests.live.live_call", *map(str, (CALL, runtime, state, report))]
    if strace := shutil.which("strace"):
        command = [strace, "-f", "-qq", "--seccomp-bpf", "-e", "trace=%file,%network", "-o", str(trace), *command]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(runtime / "notify"))
        systemd.settimeout(0)
        ended = subprocess.run(  # noqa: S603 - our own
            command,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )
        told = systemd.recv(1 << 16)
    assert (ended.returncode, ended.stdout) == (0, b""), ended.stderr.decode()
    found = json.loads(report.read_text())
    printed = {
        "the journal": ended.stderr,
        "what systemd is told": told,
        "status": json.dumps(found["status"], ensure_ascii=False).encode(),
    }

    # It was a call: words were understood, the key was pressed, the journal knows of both, the rhythm was kept.
    assert (found["words"] > 100, found["presses"], b'"mute","state":"muted"' in ended.stderr) == (True, 2, True)
    assert tomllib.loads((state / "station.toml").read_text()).keys() == {"station"}
    assert tomllib.loads((state / "station.toml").read_text())["station"].keys() <= set(LEARNED)
    assert privacy.leaks_in([runtime, state], printed, needles) == []
    assert re.findall("[\u3400-\u9fff]", "".join(each.decode() for each in printed.values())) == []
    assert {path.name for path in (*runtime.iterdir(), *state.iterdir())} <= {"station.toml", "notify"}
    assert privacy.strange(found["touched"], allowed(runtime, state)) == []
    if strace:
        after_start = trace.read_text(errors="replace").partition("status.sock")[2]
        touched = [each for each in privacy.written_in(after_start) if str(report) not in each]
        assert privacy.strange(touched, allowed(runtime, state)) == []


@pytest.mark.parametrize("unit", ["pi-companion.service", "pi-companion-safe.service"])
def test_a_crash_leaves_no_memory_behind(unit: str) -> None:
    text = (Path(__file__).parents[2] / "systemd" / unit).read_text(encoding="utf-8")

    assert re.findall("^LimitCORE=.*$", text, re.MULTILINE) == ["LimitCORE=0"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("\n您好,电脑中心\n".encode(), ["the words 您好", "the words 电脑中", "the words 脑中心"]),
        ("x好的x".encode(), ["the words 好的"]),
        ("打印机".encode("gbk"), ["the words 打印机"]),
        (json.dumps("打印机").encode(), ["the words 打印机, escaped"]),
        (b"Qing Wen Nin", ["the sounds qing wen nin"]),
        (b"counts 3, rule SAY-WAIT, mute", []),
        ("好，请".encode(), []),
    ],
)
def test_words_are_found_however_they_are_written(data: bytes, found: list[str], needles: privacy.Needles) -> None:
    assert needles.found_in(data) == found


@pytest.mark.parametrize("side", [0, 1, None], ids=["agent", "customer", "both"])
@pytest.mark.parametrize("start", [400_000, 400_007])
def test_two_milliseconds_of_audio_are_found_wherever_they_are(
    side: int | None, start: int, needles: privacy.Needles
) -> None:
    stereo = np.frombuffer(folder.read_audio(folder.load(CALL)), "<i2").reshape(-1, 2)
    loud = np.abs(stereo[:, side or 0]).argmax() + start % 7
    part = stereo[loud : loud + 40] if side is None else stereo[loud : loud + 40, side]
    data = b"???" + np.ascontiguousarray(part).tobytes() + b"!"

    assert [needles.found_in(each) for each in (data, base64.b64encode(data), data.hex().encode())] == [["audio"]] * 3


def test_what_is_opened_sent_and_begun_is_seen() -> None:
    touched: list[str] = []
    hook = privacy.spy(touched)

    hook("open", ("/a", "w", 0))
    hook("open", ("/b", None, os.O_RDWR))
    hook("open", ("/c", "r", 0))
    hook("socket.connect", (None, ("10.0.0.1", 80)))
    hook("subprocess.Popen", ("curl", [], None, None))

    assert touched == ["write /a", "write /b", "socket.connect ('10.0.0.1', 80)", "subprocess.Popen curl"]
    assert privacy.strange(touched, ["write /a"]) == sorted(touched[1:])


def test_an_strace_is_read() -> None:
    log = """\
7 openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3
7 openat(AT_FDCWD, "/tmp/x y", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4
7 openat(AT_FDCWD, "/nowhere/x", O_WRONLY) = -1 ENOENT (No such file or directory)
9 connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, 16) = 0
9 sendto(5, "READY=1", 7, 0, {sa_family=AF_UNIX, sun_path="/run/n"}, 9) = 7
7 rename("/a", "/b") = 0
"""

    assert privacy.written_in(log) == [
        "write /tmp/x y",
        "connect AF_INET",
        "sendto AF_UNIX /run/n",
        'rename "/a", "/b"',
    ]
