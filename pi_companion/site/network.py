"""Which networks may this site's devices use? None, unless its file says so; the analyser itself never has any.

Passwords stand in the file until the first boot alone: `secrets.py` moves them into the device.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pi_companion.core.declared import Field

SECRETS: Final = (("wifi", "password"), ("mqtt", "password"), ("mqtt", "calibration_key"))
"""What never stays on the boot partition: table and name."""

SHORTEST_KEY: Final = 32
"""Characters: whoever may listen at the broker can try keys as fast as his machine goes."""

_MOVED: Final = "the device keeps it at its next start and writes asterisks here; these, or empty: the one it has"

_ADDRESS: Final = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[\w.~%+/-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wifi:
    """Wi-Fi; the device works without."""

    ssid: Annotated[str, Field("name of the network; empty: no Wi-Fi")] = ""
    password: Annotated[str, Field(f"of 8 to 63 characters; {_MOVED}")] = ""
    country: Annotated[str, Field("two letters: which channels are allowed")] = "CN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mqtt:
    """Fleet telemetry: health and counts, never a word, to a broker that is there already."""

    host: Annotated[str, Field("the broker's name; empty: no telemetry")] = ""
    port: Annotated[int, Field("its port for TLS; there is no other", 1, 65535)] = 8883
    user: Annotated[str, Field("whom the broker knows the devices as; empty: nobody")] = ""
    password: Annotated[str, Field(f"of that user; {_MOVED}")] = ""
    ca_file: Annotated[str, Field("the broker's CA, PEM, in this file's folder; empty: the system's CAs")] = ""
    prefix: Annotated[str, Field("what every topic begins with")] = "pi-companion"
    every_s: Annotated[int, Field("so often the state is sent", 10, 3600)] = 60
    calibration_key: Annotated[
        str,
        Field(
            "with it, what was learned at a station goes by this broker to the next unit there, sealed: "
            f"{SHORTEST_KEY} characters or more, drawn at random, the same for all units; {_MOVED}"
        ),
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Updates by network: a directory on a web server, asked about once an hour; off without an address."""

    url: Annotated[str, Field("the directory with what `make image` wrote, https://...; empty: by stick alone")] = ""
    ca_file: Annotated[str, Field("the server's CA, PEM, in this file's folder; empty: the system's CAs")] = ""
    from_hour: Annotated[int, Field("from this hour on, by the desk's clock, it may be done", 0, 23)] = 20
    until_hour: Annotated[int, Field("and until this one, past midnight if it is less; equal: at any hour", 0, 23)] = 6
    may_go_back: Annotated[bool, Field("a version older than the one that runs is taken, too")] = False


def _about_wifi(wifi: Wifi) -> Iterator[str]:
    if wifi.password.strip("*") and not 8 <= len(wifi.password) <= 63:
        yield f"password: found one of {len(wifi.password)} characters; allowed: 8 to 63"
    if not re.fullmatch("[A-Z]{2}", wifi.country):
        yield f'country: found "{wifi.country}"; allowed: two capital letters'


def _about_mqtt(mqtt: Mqtt) -> Iterator[str]:
    if not mqtt.prefix or set(mqtt.prefix) & set("#+") or mqtt.prefix.strip("/") != mqtt.prefix:
        yield f'prefix: found "{mqtt.prefix}"; allowed: a topic without #, + and slashes at its ends'
    if mqtt.calibration_key.strip("*") and len(mqtt.calibration_key) < SHORTEST_KEY:
        yield f"calibration_key: found one of {len(mqtt.calibration_key)} characters; allowed: {SHORTEST_KEY} or more"


def _about_update(update: Update) -> Iterator[str]:
    if update.url and not _ADDRESS.fullmatch(update.url):
        yield f'url: found "{update.url}"; allowed: https://, a server\'s name, a path; no user, no question mark'


CHECKS: Final[Mapping[type, Callable[[Any], Iterable[str]]]] = {
    Wifi: _about_wifi,
    Mqtt: _about_mqtt,
    Update: _about_update,
}
"""What each setting alone cannot tell."""


def wpa_supplicant(wifi: Wifi, password: str) -> str:
    """Return wpa_supplicant's configuration; without a password the network is an open one."""
    key = f'psk="{password}"' if password else "key_mgmt=NONE"
    # The name as hexadecimal digits: it may hold anything.
    return f"country={wifi.country}\nnetwork={{\n  ssid={wifi.ssid.encode().hex()}\n  {key}\n}}\n"
