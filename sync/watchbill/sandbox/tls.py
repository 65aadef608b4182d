"""A throw-away certificate authority and a certificate for loopback, for clients that insist on https."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from watchbill.errors import UsageError
from watchbill.local_files import private_file

NAMES = ("localhost", "api.pagerduty.com", "events.pagerduty.com", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """`ca` is what a client has to trust."""

    ca: Path
    server: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.server, self.key)
        except (OSError, ssl.SSLError) as bad:
            raise UsageError(
                f"the certificate {self.server} can't be used: {bad}",
                remedy=f"delete {self.server.parent}, or name another folder; new certificates are made then",
            ) from bad
        return context


def certificates_in(folder: Path) -> Certificates:
    """Those that are there, else new ones.  The authority's own key is never written."""
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    if not all(path.exists() for path in (files.ca, files.server, files.key)):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(files)
        except OSError as bad:
            raise UsageError(
                f"certificates can't be written to {folder}: {bad.strerror}",
                remedy="name a folder for --tls that may be written to",
            ) from bad
    return files


def _make(files: Certificates) -> None:
    import trustme  # noqa: PLC0415  only --tls needs it, and it is slow to import

    authority = trustme.CA(organization_name="watchbill sandbox")
    leaf = authority.issue_cert(*NAMES)
    private_file(files.key)
    leaf.private_key_pem.write_to_path(files.key)
    files.server.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    authority.cert_pem.write_to_path(files.ca)
