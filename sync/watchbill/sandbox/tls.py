"""A throw-away certificate authority and a certificate for loopback, for clients that insist on https."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watchbill.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

NAMES = ("localhost", "api.pagerduty.com", "events.pagerduty.com")
_DAYS = 365


@dataclass(frozen=True, slots=True)
class Certificates:
    """`ca` is what a client has to trust."""

    ca: Path
    server: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server, self.key)
        return context


def certificates_in(folder: Path) -> Certificates:
    """Those that are there, else new ones.  The authority's own key is never written."""
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    if not all(path.exists() for path in (files.ca, files.server, files.key)):
        folder.mkdir(parents=True, exist_ok=True)
        _make(files)
    return files


def _make(files: Certificates) -> None:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  only --tls needs it
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    except ImportError as missing:
        raise UsageError(
            "certificates are made with the `cryptography` package, which is not installed",
            remedy="run `pip install cryptography`, or do without TLS",
        ) from missing
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("watchbill sandbox CA", ca_key, None, ca_key)
    leaf = _certificate("watchbill sandbox", key, authority, ca_key)
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8
    files.key.touch(mode=0o600)
    files.key.write_bytes(key.private_bytes(pem, plain, serialization.NoEncryption()))
    files.server.write_bytes(leaf.public_bytes(pem))
    files.ca.write_bytes(authority.public_bytes(pem))


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    issuer: Certificate | None,
    issuer_key: EllipticCurvePrivateKey,
) -> Certificate:
    """Without an issuer it is the authority itself."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_ca = issuer is None
    today = dt.datetime.now(dt.UTC)
    usage = dict.fromkeys(
        [
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ],
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=is_ca, crl_sign=is_ca, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if not is_ca:
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in NAMES]
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return builder.sign(issuer_key, hashes.SHA256())
