"""A sound server of the test's own: PulseAudio with a null sink, reached through PortAudio's ALSA; no network, no home.

What is played into the sink comes out of its monitor, as from a card. Needs pulseaudio, pulseaudio-utils and
libasound2-plugins; `make test-audio` installs them.
"""

import os
import signal
import subprocess
import time
import wave
from pathlib import Path
from typing import Self

RATE_HZ = 16000
_UP_S = 20.0
_STEREO = "front-left,front-right"
_ALSA = """
pcm.desk { type pulse device "desk.monitor" }
pcm.agent { type pulse device "left" }
pcm.customer { type pulse device "right" }
"""


class SoundServer:
    """Starts, is killed, starts again; the environment of the process points at it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        config = folder / "asound.conf"
        config.write_text(_ALSA)
        self.environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{folder}/native",
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{config}",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it answers."""
        sides = [
            f"module-remap-source source_name={name} master=desk.monitor channels=1 channel_map=mono"
            f" master_channel_map=front-{name} remix=no"
            for name in ("left", "right")
        ]
        modules = [
            f"module-native-protocol-unix auth-anonymous=1 socket={self._folder}/native",
            f"module-null-sink sink_name=desk format=s16le rate={RATE_HZ} channels=2 channel_map={_STEREO}",
            *sides,
        ]
        arguments = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        arguments += [f"--load={module}" for module in modules]
        self._process = subprocess.Popen(  # noqa: S603 - only what is written here
            ["pulseaudio", *arguments],  # noqa: S607 - found on the PATH, as the system has it
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _UP_S
        while self._run("pactl", "info").returncode:
            assert time.monotonic() < until, "the sound server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a card that is pulled out."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def play(self, pcm: bytes) -> None:
        """Play stereo into the sink, and wait until it was."""
        path = self._folder / "played.wav"
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(RATE_HZ)
            sound.writeframes(pcm)
        played = self._run("paplay", "--device=desk", "--latency-msec=200", str(path))
        assert played.returncode == 0, played.stderr.decode()

    def _run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - only what is written here
            command, env={**os.environ, **self.environment}, capture_output=True, check=False, timeout=60
        )
