"""A whole emulated computer for the image: QEMU's `virt` board, Debian's own U-Boot for it, the card as a virtio disk.

Nothing in the image knows that it is tested. What a test needs inside comes as systemd credentials from the outside
(fw_cfg): a unit that runs a script as root and prints to the serial console, drop-ins for other units. A second disk
carries files in.

It is an emulation by translation: right in what it computes, ten to fifty times slower than the boards.
"""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Final

from firmware import debian, layout
from firmware.tools import cache_folder, run

# The machine's clock counts what it computes, 4 ns an instruction: a minute of work in there is one of a processor that
# does 250 million instructions a second, however busy the testing machine is. Where it waits, for a timer or for the
# card, the clock goes on as on the wall. (To jump over waiting instead was tried: whenever the testing machine was slow
# to read the card, the clock leapt to the next timer, by half an hour in one start.)
INSTRUCTION_TIME: Final = "shift=2,sleep=on,align=off"
CONTROL: Final = re.compile(r"\x1b\[[0-9;?!:]*[A-Za-z]|\x1b\][0-9]*(\x07|\x1b\\)?|\x1b[=>78c]|\r")
CARD_BYTES: Final = 4 * 1024**3
PROBE: Final = """\
[Unit]
Description=What the test wants to know
DefaultDependencies=no
After={after}
[Service]
Type=simple
ExecStart=/bin/sh /run/probe.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyAMA0
"""
# The names of fw_cfg are so short that a unit of one letter must bring in the others, wanted by the only unit with a
# name short enough that is started at each boot.
FIRST: Final = """\
[Unit]
Description=Makes ready what the test brings
DefaultDependencies=no
Before=pi-companion.service companion-health.service companion-data.service
[Service]
Type=oneshot
ImportCredential=setup.sh
ExecStart=/bin/sh ${CREDENTIALS_DIRECTORY}/setup.sh
"""
WANTS: Final = """\
[Unit]
Wants=p.service
[Mount]
What=tmpfs
Where=/tmp
Type=tmpfs
Options=nodev,nosuid,noexec,mode=1777,size=32M
"""
ON_SIMULATED_BOARD: Final = """\
[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=
ExecStart=/opt/pi-companion/bin/pi-companion run --simulated-board
Environment=XDG_RUNTIME_DIR=/run/pi-companion
TimeoutStartSec=600
WatchdogSec=120
"""
STANDING_IN: Final = """\
[Service]
Type=simple
WatchdogSec=0
ExecStart=
ExecStart=sleep infinity
"""
"""In place of the companion, where a test looks at the card alone: it is there at once."""
UNHURRIED: Final = "[Service]\nEnvironment=WITHIN_S=600\n"
"""An emulated processor needs longer for the program's start than a board has in all."""


def u_boot() -> Path:
    """Return Debian's U-Boot for the emulated board."""
    folder = cache_folder() / "u-boot-qemu"
    found = folder / "usr/lib/u-boot/qemu_arm64/u-boot.bin"
    if not found.exists():
        debian.unpacked(["u-boot-qemu"], folder)
    return found


@dataclass(kw_only=True)
class Machine:
    """A running machine. `console`: everything its serial line said so far, with the time of each line.

    `monitor`: QEMU's own socket.
    """

    process: subprocess.Popen[bytes]
    log: Path
    monitor: Path
    lines: list[tuple[float, str]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def console(self) -> str:
        """Everything the serial line said so far."""
        return "\n".join(line for _, line in self.lines)

    def read(self) -> None:
        """Read the serial line to its end; run by a thread."""
        stream = self.process.stdout
        assert stream is not None
        with self.log.open("w", encoding="utf-8") as log:
            for raw in stream:
                line = CONTROL.sub("", raw.decode(errors="replace")).rstrip("\n")
                self.lines.append((time.monotonic() - self.began, line))
                log.write(f"{self.lines[-1][0]:7.1f} {line}\n")
                log.flush()

    def wait_for(self, pattern: str, limit_s: float, *, after: int = 0) -> tuple[float, re.Match[str]]:
        """Return when a line first matched, and the match. Raises TimeoutError with the console's end."""
        seen = after
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            while seen < len(self.lines):
                at, line = self.lines[seen]
                seen += 1
                if match := re.search(pattern, line):
                    return at, match
            if self.process.poll() is not None and seen == len(self.lines):
                break
            time.sleep(0.2)
        last = "\n".join(line for _, line in self.lines[-40:])
        raise TimeoutError(f"{last}\n\nno line with {pattern!r} on the console in {limit_s} s ({self.log})")

    def position(self, pattern: str) -> int:
        """Return after which line the pattern was first seen."""
        return next(number for number, (_, line) in enumerate(self.lines) if re.search(pattern, line))

    def section(self, name: str, limit_s: float) -> str:
        """Return what the probe printed between `<<name` and `name>>`."""
        self.wait_for(rf"^{re.escape(name)}>>", limit_s)
        text = self.console
        return text.partition(f"<<{name}\n")[2].partition(f"\n{name}>>")[0]

    def plug_in(self, stick: Path) -> None:
        """Put a USB stick into a machine that has a port for it (`has_usb`)."""
        content = {"driver": "raw", "node-name": "usb-stick", "file": {"driver": "file", "filename": str(stick)}}
        with socket.socket(socket.AF_UNIX) as line, line.makefile("rw") as said:
            line.connect(str(self.monitor))
            said.readline()
            for command, arguments in (
                ("qmp_capabilities", {}),
                ("blockdev-add", content),
                ("device_add", {"driver": "usb-storage", "bus": "usb.0", "drive": "usb-stick", "id": "stick"}),
            ):
                said.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
                said.flush()
                while "return" not in (answer := json.loads(said.readline())):
                    assert "error" not in answer, answer

    def end(self) -> None:
        """Pull the plug."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """Pull the plug and let go of the serial line."""
        self.end()
        if self.process.stdout is not None:
            self.process.stdout.close()


def card_of(image: Path, place: Path) -> Path:
    """Return a card that was flashed with an image, as a file that holds only what differs from it."""
    place.unlink(missing_ok=True)
    run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.resolve(), place, str(CARD_BYTES)])
    return place


@contextmanager
def machine(
    card: Path,
    log: Path,
    *,
    script: str,
    after: str = "companion-health.service",
    drop_ins: Mapping[str, str] | None = None,
    stick: Path | None = None,
    card_options: Sequence[str] = (),
    memory_mb: int = 1024,
    has_usb: bool = False,
    reaches_us: bool = False,
) -> Iterator[Machine]:
    """Run a machine with this card until the block ends. `script`: run as root inside; see `Machine.section`.

    `stick`: a second disk that is there from the start, and no USB stick. `reaches_us`: this machine's own addresses
    (127.0.0.1) are 10.0.2.2 in there.
    """
    folder = log.parent
    folder.mkdir(parents=True, exist_ok=True)
    units = {
        "pi-companion.service": ON_SIMULATED_BOARD,
        "companion-health.service": UNHURRIED,
        **(drop_ins or {}),
    }
    files = {f"/run/systemd/system/{unit}.d/50-test.conf": text for unit, text in units.items()}
    files |= {"/run/systemd/system/probe.service": PROBE.format(after=after), "/run/probe.sh": script}
    credentials = {
        "setup.sh": _unpacking(files),
        "systemd.extra-unit.p.service": FIRST,
        "systemd.extra-unit.tmp.mount": WANTS,
    }
    command = [
        "qemu-system-aarch64",
        "-M",
        "virt,gic-version=2",
        "-cpu",
        "cortex-a72",
        "-smp",
        "1",
        "-m",
        str(memory_mb),
    ]
    command += [
        "-accel",
        "tcg,thread=single",
        "-icount",
        INSTRUCTION_TIME,
        "-bios",
        str(u_boot()),
        "-display",
        "none",
        "-serial",
        "stdio",
        "-monitor",
        "none",
        # Its clock goes on over a restart, by the same count as the rest.
        "-rtc",
        "base=utc,clock=vm",
    ]
    command += card_options or ["-drive", f"file={card},if=none,id=card,cache=unsafe,discard=unmap"]
    command += ["-device", "virtio-blk-device,drive=card", "-device", "virtio-rng-device"]
    command += [
        "-netdev",
        f"user,id=net,restrict={'off' if reaches_us else 'on'}",
        "-device",
        "virtio-net-device,netdev=net",
    ]
    command += ["-device", "i6300esb", *(["-device", "qemu-xhci,id=usb"] if has_usb else [])]
    monitor = Path(tempfile.mkdtemp(prefix="pi-companion-")) / "qmp"  # a socket's path must be short
    command += ["-qmp", f"unix:{monitor},server=on,wait=off"]
    for number, (name, text) in enumerate(credentials.items()):
        file = folder / f"credential-{number}"
        file.write_text(text, encoding="utf-8")
        command += ["-fw_cfg", f"name=opt/io.systemd.credentials/{name},file={file}"]
    if stick:
        command += [
            "-drive",
            f"file={stick},if=none,id=stick,format=raw,readonly=on",
            "-device",
            "virtio-blk-device,drive=stick",
        ]
    environment = os.environ | {"TMPDIR": str(folder)}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    running = Machine(process=process, log=log, monitor=monitor)
    reader = Thread(target=running.read, daemon=True)
    reader.start()
    try:
        yield running
    finally:
        running.end()
        reader.join(timeout=5)
        running.close()
        shutil.rmtree(monitor.parent)


def _unpacking(files: Mapping[str, str]) -> str:
    """Return a script that writes files, has systemd read them, and starts the probe."""
    parts = []
    for path, text in files.items():
        encoded = base64.b64encode(text.encode()).decode()
        parts.append(f"mkdir -p {Path(path).parent} && echo {encoded} | base64 -d >{path}\n")
    # A pipe: the keys of a simulated board, for a test that has it read them.
    return (
        "".join(parts) + "mkfifo -m 0666 /run/desk\nsystemctl daemon-reload\nsystemctl start --no-block probe.service\n"
    )


def state_of(card: Path, folder: Path) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    """Return both copies of the boot state on a card."""
    raw = folder / "state.raw"
    found = []
    for place in (layout.FIRST_STATE, layout.SECOND_STATE):
        run(
            [
                "qemu-img",
                "dd",
                "-O",
                "raw",
                f"if={card}",
                f"of={raw}",
                "bs=512",
                f"skip={place // 512}",
                f"count={place // 512 + 1}",
            ]
        )
        found.append(layout.read_state(raw.read_bytes()[: layout.STATE_BYTES]))
    return found[0], found[1]
