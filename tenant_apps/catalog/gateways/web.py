"""Fetching a picture from an address that a stranger's file names: only public hosts, small answers, short waits.

The name is resolved here and the connection goes to the very address that was checked, so that a name which changes its
mind (DNS rebinding) reaches nothing else; each redirect is looked at in the same way.
"""

import ipaddress
import socket
import time
from urllib.parse import urljoin, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop

from saas.kernel.errors import DomainError

MAX_BYTES = 10 * 1024 * 1024
SECONDS = 20.0
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_REDIRECTS = 3
_HEADERS = {"User-Agent": "picture-import/1", "Accept": "image/avif,image/webp,image/png,image/jpeg;q=0.9,*/*;q=0.1"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(DomainError):
    """The address may not be fetched, or gave nothing. `reason` is translated when it is shown."""

    code = "address_refused"
    http_status = 422

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def fetch_picture(url: str) -> tuple[bytes, str]:
    """Content and declared type of what lies there. Raises AddressRefused. Never call it inside a transaction."""
    deadline = time.monotonic() + SECONDS
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False, headers=_HEADERS) as client:
        for _ in range(_REDIRECTS + 1):
            try:
                answer = _get(client, url, deadline)
            except (httpx.HTTPError, OSError, UnicodeError, ValueError) as error:
                raise AddressRefused(gettext_noop("The picture's server did not answer.")) from error
            if isinstance(answer, tuple):
                return answer
            url = answer
    raise AddressRefused(gettext_noop("The address leads on and on."))


def _get(client: httpx.Client, url: str, deadline: float) -> tuple[bytes, str] | str:
    target, host = checked_target(url)
    request = client.build_request("GET", target, headers={"Host": host})
    request.extensions = {**request.extensions, "sni_hostname": urlsplit(url).hostname}
    response = client.send(request, stream=True)
    try:
        if response.is_redirect:
            return str(urljoin(url, response.headers.get("location", "")))
        if response.status_code != 200:
            raise AddressRefused(gettext_noop("The picture's server has no picture there."))
        found = bytearray()
        for chunk in response.iter_bytes(64 * 1024):
            found += chunk
            if len(found) > MAX_BYTES:
                raise AddressRefused(gettext_noop("The picture is larger than 10 MB."))
            if time.monotonic() > deadline:
                raise AddressRefused(gettext_noop("The picture's server is too slow."))
        return bytes(found), response.headers.get("content-type", "").partition(";")[0].strip().lower()
    finally:
        response.close()


def checked_target(url: str) -> tuple[str, str]:
    """The address with its host replaced by a checked IP, and the Host header. Raises AddressRefused."""
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError as error:
        raise AddressRefused(gettext_noop("Not an address of a picture.")) from error
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise AddressRefused(gettext_noop("Not an address of a picture."))
    open_to = f"{host}:{port or (443 if parts.scheme == 'https' else 80)}"
    allowed = open_to in getattr(settings, "PICTURE_HOSTS_ALLOWED", ())
    if not allowed and port not in (None, 80, 443):
        raise AddressRefused(gettext_noop("Pictures are fetched from the usual ports only."))
    address = _address(host, port or (443 if parts.scheme == "https" else 80), allowed=allowed)
    shown = f"[{address}]" if address.version == 6 else str(address)
    place = shown if port is None else f"{shown}:{port}"
    return parts._replace(netloc=place, fragment="").geturl(), parts.netloc


def _address(host: str, port: int, *, allowed: bool) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise AddressRefused(gettext_noop("There is no such server.")) from error
    addresses = [ipaddress.ip_address(str(one).partition("%")[0]) for one in sorted(found, key=str)]
    if not addresses or not (allowed or all(is_public(one) for one in addresses)):
        raise AddressRefused(gettext_noop("This address lies inside a private network."))
    return addresses[0]


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address belongs to the open internet, also when it is wrapped in another."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64 or address.teredo:
            return False
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
