"""Questions to the DNS. Only the configured resolvers are ever spoken to: no name server that data names, no address found."""

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
from django.conf import settings

from provisioning.facts import Answer

_SECONDS = 5.0  # for one question, repetitions included
_NONE = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)


def addresses_of(host: str) -> Answer:
    """A and AAAA of a host, with the CNAMEs on the way. One of the two failing is no answer at all."""
    found: list[str] = []
    aliases: list[str] = []
    failed = ""
    for kind in ("A", "AAAA"):
        try:
            answer = _resolver().resolve(host, kind, search=False, raise_on_no_answer=False)
        except _NONE:
            continue
        except dns.exception.DNSException as error:
            failed = f"{kind}: {type(error).__name__}"
            continue
        aliases += [_text(cname.target) for rrset in answer.chaining_result.cnames for cname in rrset]
        found += [record.address for record in answer.rrset or ()]
    return Answer(addresses=tuple(found), aliases=tuple(dict.fromkeys(aliases)), failed=failed)


def texts_of(name: str) -> Answer:
    """The TXT records of a name, each with its parts put together."""
    try:
        answer = _resolver().resolve(name, "TXT", search=False, raise_on_no_answer=False)
    except _NONE:
        return Answer()
    except dns.exception.DNSException as error:
        return Answer(failed=f"TXT: {type(error).__name__}")
    return Answer(texts=tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ()))


def _resolver() -> dns.resolver.Resolver:
    """The system's resolvers, or those of DNS_RESOLVERS (`address` or `address#port`)."""
    chosen = [one.strip() for one in settings.DNS_RESOLVERS]
    resolver = dns.resolver.Resolver(configure=not chosen)
    if chosen:
        resolver.nameservers = [_nameserver(one) for one in chosen]
    resolver.timeout, resolver.lifetime = _SECONDS / 2, _SECONDS
    resolver.cache = None
    return resolver


def _nameserver(text: str) -> dns.nameserver.Nameserver:
    address, _, port = text.partition("#")
    return dns.nameserver.Do53Nameserver(address, int(port or 53))


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
