"""A real Mosquitto of the test's own: TLS with a CA made on the spot, on a free port, restarted at will."""

import datetime as dt
import ipaddress
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pi_companion.fleet.courier import Broker

PROGRAM = "/usr/sbin/mosquitto"


def write_certificates(folder: Path) -> None:
    """Write ca.pem, server.pem and server.key, with all that RFC 5280 wants: Python asks for it from 3.13 on."""
    now = dt.datetime.now(dt.UTC)
    names = {name: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("test CA", "localhost")}
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in names}

    def certificate(name: str, extensions: list[tuple[x509.ExtensionType, bool]]) -> bytes:
        builder = x509.CertificateBuilder(names["test CA"], names[name], keys[name].public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(hours=1))
        builder = builder.not_valid_after(now + dt.timedelta(days=1))
        own = x509.SubjectKeyIdentifier.from_public_key(keys[name].public_key())
        by = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys["test CA"].public_key())
        for extension, is_critical in [*extensions, (own, False), (by, False)]:
            builder = builder.add_extension(extension, critical=is_critical)
        return builder.sign(keys["test CA"], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = [(x509.BasicConstraints(ca=True, path_length=0), True), (usage, True)]
    names_of_server = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.DNSName("updates.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    (folder / "ca.pem").write_bytes(certificate("test CA", list(authority)))
    (folder / "server.pem").write_bytes(certificate("localhost", [(names_of_server, False)]))
    (folder / "server.key").write_bytes(
        keys["localhost"].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


class Mosquitto:
    """One on a free port. `folder` is readable by its user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_certificates(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\ncertfile {folder}/server.pem\nkeyfile {folder}/server.key\n"
            f"allow_anonymous true\npersistence true\npersistence_location {folder}/\nuser root\n"
            "max_queued_messages 5000\nlog_dest none\n"
        )
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running is not None else None

    def start(self) -> None:
        self._running = subprocess.Popen([PROGRAM, "-c", str(self.folder / "mosquitto.conf")])  # noqa: S603 - the real one
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("mosquitto does not listen")

    def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            self._running.wait(20)
            self._running = None

    def broker(self) -> Broker:
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        return Broker(host="localhost", port=self.port, tls=tls)


@contextmanager
def running(folder: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
