"""Requests to addresses that somebody typed: only where they may go, to the address that was checked, once."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

from cloud.adapters.notify.connecting import too_slow, unconnected
from cloud.application.messages import NotSent
from cloud.domain.community.faults import Fault, fault, under
from cloud.errors import Invalid

PATIENCE_S: Final = 10.0
LONGEST_ANSWER: Final = 64 * 1024

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) → the addresses it has now."""


def resolve(host: str, port: int) -> Sequence[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after`: that header as it came."""

    status: int
    body: bytes
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """`http`: also without TLS. `loopback`: also this machine. For webhooks both are for development and tests only. `house`: also
    the networks of the house, where relays for mail and text messages stand; what is not encrypted then stays there.
    """

    http: bool = False
    loopback: bool = False
    house: bool = False


_HOUSE: Final = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
"""RFC 1918, 4193 and 6598."""


_METADATA: Final = frozenset(
    map(ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
"""Where clouds tell a machine its own secrets beside the link-local addresses: Alibaba, Azure, Oracle, Amazon and Google over
IPv6. Two lie in the networks of the house, one on the public internet.
"""


def refusal(address: str, limits: Limits) -> str | None:
    """The code of why nothing is sent to that address; None when it is on the public internet, or within the limits."""
    found = _meant(address)
    if found.is_loopback:
        return None if limits.loopback else "own-machine"
    if found.is_link_local or found in _METADATA:
        return "metadata-address"
    if limits.house and any(found in network for network in _HOUSE):
        return None
    if not found.is_global or found.is_multicast or (isinstance(found, IPv6Address) and found not in _UNICAST):
        return "inner-address"
    return None


def _meant(address: str) -> IPv4Address | IPv6Address:
    """Itself, or the IPv4 address that an IPv6 one stands for: mapped, 6to4, or translated by NAT64 (RFC 6052)."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return found
    if found.packed[:12] == _NAT64:
        return IPv4Address(found.packed[12:])
    return found.ipv4_mapped or found.sixtofour or found


_UNICAST: Final = IPv6Network("2000::/3")
"""What is given out of IPv6 (RFC 4291, 2.4). Python counts much as global besides that leads inside: ::127.0.0.1 (IPv4-compatible),
fec0::/10 (site-local), 64:ff9b:1::/48 (a NAT64 of one's own).
"""
_NAT64: Final = bytes.fromhex("0064ff9b") + bytes(8)


class Outward:
    """Requests to a URL. The host is resolved once; the connection goes to the address that was judged, so that a name which
    answers differently the second time gains nothing. Redirects are not followed: they are answers like any other.
    """

    def __init__(self, limits: Limits, resolving: Resolve = resolve, patience_s: float = PATIENCE_S) -> None:
        self._limits, self._resolve, self._patience_s = limits, resolving, patience_s

    def check(self, url: str) -> tuple[str, int, str]:
        """(host, port, path) of a URL that may be posted to, as far as can be told without asking anybody. Raises Invalid."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        schemes = ("https", "http") if self._limits.http else ("https",)
        if parts.scheme not in schemes or not host or not url.isascii() or not url.isprintable() or " " in url:
            raise _unusable(fault("url-scheme", scheme=schemes[0]))
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise _unusable(fault("url-not-bare"))
        try:
            why = refusal(host, self._limits)
        except ValueError:
            why = None  # A name, which is judged by what it stands for at each sending.
        if why is not None:
            raise _unusable(fault(why, host=host, address=host))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return host, port or (443 if parts.scheme == "https" else 80), path

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises NotSent, and Invalid as `check` does."""
        return self.request("POST", url, body, headers)

    def request(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Raises NotSent, and Invalid as `check` does."""
        host, port, path = self.check(url)
        address, tls = self.judged(host, port), url.lower().startswith("https:")
        if not tls and self._limits.house and _meant(address).is_global:
            raise NotSent(fault("unencrypted", host=host))
        connection = _Pinned(host, port, address, self._patience_s, tls=tls)
        # A timeout of the socket begins anew with each byte; who drips them out must not hold us for ever.
        deadline = Timer(self._patience_s, connection.cut)
        deadline.start()
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            body = answer.read(LONGEST_ANSWER)
            if connection.was_cut:
                raise NotSent(too_slow(host, self._patience_s))
            return Answer(answer.status, body, answer.getheader("Retry-After"))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NotSent(unconnected(host, error)) from error
        finally:
            deadline.cancel()
            connection.close()

    def judged(self, host: str, port: int) -> str:
        """One address of the host. A host of which any address is refused is refused as a whole. Raises NotSent."""
        try:
            found = self._resolve(host, port)
        except OSError as error:
            raise NotSent(fault("name-unknown", host=host)) from error
        for address in found:
            why = refusal(address, self._limits)
            if why is not None:
                raise NotSent(fault(why, host=host, address=address))
        if not found:
            raise NotSent(fault("name-without-address", host=host))
        return found[0]


class _Pinned(http.client.HTTPConnection):
    """Connects to the given address, whatever the host resolves to meanwhile; TLS is for the host."""

    def __init__(self, host: str, port: int, address: str, patience_s: float, *, tls: bool) -> None:
        super().__init__(host, port, timeout=patience_s)
        self._address, self._tls = address, tls
        self.was_cut = False
        if tls:
            self.default_port = 443

    def cut(self) -> None:
        """Ends whatever is waited for, from another thread."""
        self.was_cut = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = _trust().wrap_socket(plain, server_hostname=self.host) if self._tls else plain


def _unusable(why: Fault) -> Invalid:
    return Invalid("The URL cannot be used.", [under(why, "url: ", "")])
