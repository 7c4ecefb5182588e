"""Certificates by whoever makes them here (setting DOMAIN_EDGE): a proxy run by hand, Caddy, or AWS. Network; no writes."""

from django.conf import settings

from provisioning.domains.models import OwnDomain
from provisioning.domains.selectors import Edge
from provisioning.facts import CertificateLook, CertificateState
from provisioning.gateways import acm, caddy

MANUAL, CADDY, AWS = "manual", "caddy", "aws"


def look(found: OwnDomain, edge: Edge) -> CertificateLook:
    """How the domain's certificate is; asked for if there is none yet."""
    if settings.DOMAIN_EDGE == CADDY:
        return caddy.look(found.host, edge=edge.tls)
    if settings.DOMAIN_EDGE == AWS:
        return acm.ensure_certificate(host=found.host, token=found.certificate_wish, reference=found.certificate)
    return CertificateLook(CertificateState.ISSUED, reference=MANUAL)


def show(look: CertificateLook, edge: Edge) -> str:
    """Have the edge of a cell show an issued certificate; what went wrong, or ""."""
    if settings.DOMAIN_EDGE != AWS:
        return ""
    if not edge.listener:
        return "DOMAIN_EDGES names no listener for this cell"
    return acm.attach(arn=look.reference, listener=edge.listener)


def hide(reference: str, edge: Edge) -> str:
    """Have an edge show it no more; what went wrong, or ""."""
    if settings.DOMAIN_EDGE != AWS or not reference.startswith("arn:") or not edge.listener:
        return ""
    return acm.detach(arn=reference, listener=edge.listener)


def discard(reference: str) -> str:
    """Delete a certificate that nothing shows; what went wrong, or ""."""
    if settings.DOMAIN_EDGE != AWS or not reference.startswith("arn:"):
        return ""
    return acm.delete(arn=reference)
