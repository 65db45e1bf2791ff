"""Why a connection came to nothing, whatever was to be spoken over it; of what libraries say only what holds no secret."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from errno import EHOSTUNREACH, ENETUNREACH
from http.client import HTTPException, RemoteDisconnected
from typing import Final

from cloud.domain.community.faults import Fault, fault

LONGEST_DETAIL: Final = 120

_CODES: Final[Mapping[type[Exception], str]] = {
    TimeoutError: "no-answer",
    ConnectionRefusedError: "connection-refused",
    ConnectionResetError: "broken-off",
    ConnectionAbortedError: "broken-off",
    BrokenPipeError: "broken-off",
    RemoteDisconnected: "broken-off",
    ssl.SSLEOFError: "broken-off",
    ssl.SSLZeroReturnError: "broken-off",
}

_UNTRUSTED: Final[Mapping[int, str]] = {
    10: "certificate-expired",
    62: "certificate-of-another",
    64: "certificate-of-another",
}
"""By OpenSSL's codes X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""


def unconnected(host: str, error: Exception) -> Fault:
    """Errors of sockets, TLS and http.client."""
    code = _CODES.get(type(error))
    if code is not None:
        return fault(code, host=host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return fault(_UNTRUSTED.get(error.verify_code, "certificate-untrusted"), host=host)
    if isinstance(error, ssl.SSLError):
        return fault("no-tls", host=host)
    if isinstance(error, OSError) and error.errno in (ENETUNREACH, EHOSTUNREACH):
        return fault("no-way", host=host)
    # What a value was refused for may be quoted, and it may be a secret.
    said = str(error) if isinstance(error, OSError | HTTPException) else ""
    detail = getattr(error, "strerror", None) or said or type(error).__name__
    return fault("cannot-be-reached", host=host, detail=detail[:LONGEST_DETAIL])


def too_slow(host: str, patience_s: float) -> Fault:
    return fault("too-slow", host=host, seconds=f"{patience_s:g}")
