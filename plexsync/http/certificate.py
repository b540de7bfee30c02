"""What a server's certificate says, for a person whose settings do not fit to it."""

from __future__ import annotations

import socket
import ssl
from typing import Any


def names(host: str, port: int, timeout: float) -> tuple[str, ...]:
    """The names and addresses that a server's certificate is for; none where that cannot be read.

    Nothing is sent but the handshake.

    :param timeout: seconds, for connecting and for each wait.
    """
    try:
        pem = ssl.get_server_certificate((host, port), timeout=timeout)
        # Python tells what stands in a certificate only where it is trusted: so it is, itself and for this once.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata=pem)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        with (
            socket.create_connection((host, port), timeout) as connection,
            context.wrap_socket(connection, server_hostname=host) as secured,
        ):
            certificate = secured.getpeercert() or {}
    except (OSError, ValueError):
        return ()
    told: Any = certificate.get("subjectAltName", ())
    return tuple(str(value) for kind, value in told if kind in ("DNS", "IP Address"))
