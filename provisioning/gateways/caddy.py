"""Certificates of a Caddy with on-demand TLS: a handshake at our own edge makes Caddy fetch one, and shows it to us."""

import datetime as dt
import socket
import ssl

from django.conf import settings

from provisioning.facts import CertificateLook, CertificateState

_SECONDS = 15.0


def look(host: str, *, edge: str) -> CertificateLook:
    """Shake hands for `host` with the Caddy at `edge` (`address:port`, an operator's setting) and read the certificate.

    Pending while Caddy refuses the handshake: it has none yet, or may not have one.
    """
    address, _, port = edge.rpartition(":")
    context = ssl.create_default_context(cafile=settings.DOMAIN_EDGE_CA_FILE or None)
    try:
        with (
            socket.create_connection((address.strip("[]"), int(port)), timeout=_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            shown = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return CertificateLook(CertificateState.FAILED, detail=error.verify_message)
    except ssl.SSLError as error:
        return CertificateLook(CertificateState.PENDING, detail=error.reason or "handshake refused")
    except (OSError, ValueError) as error:
        return CertificateLook(CertificateState.UNKNOWN, detail=f"{edge}: {error}")
    until = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), dt.UTC)
    return CertificateLook(CertificateState.ISSUED, reference="caddy", expires_at=until)
