"""TLS for a node without a clock: the chain is verified as ever, its dates against what the node knows of the time."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any, Final

from edge.domain.validity import KnownTime, out_of_time
from edge.errors import BrokerError
from edge.settings import TlsSection

NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME (openssl/x509_vfy.h): OpenSSL leaves the dates to us, and checks everything else."""


def dated_context(tls: TlsSection, now: Callable[[], KnownTime]) -> ssl.SSLContext:
    """TLS towards the broker, with this node's own certificate where it has one.

    The dates are judged when the handshake is done and before a byte of ours is sent: a broker that is not believed hears
    nothing. Raises BrokerError where the files cannot be loaded.
    """
    try:
        context = ssl.create_default_context(cafile=str(tls.ca_file))
        if tls.cert_file is not None and tls.key_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except (OSError, ssl.SSLError) as error:
        raise BrokerError(
            f"[broker] tls: certificates cannot be loaded: {error}; check ca_file, cert_file, key_file"
        ) from error
    judge_dates(context, now, "the broker's certificate", authorities=True)
    return context


def judge_dates(context: ssl.SSLContext, now: Callable[[], KnownTime], whose: str, *, authorities: bool) -> None:
    """Take the dates out of OpenSSL's hands: every connection made with this context has them judged by `now`.

    `authorities`: those that were loaded are judged too. Not where they are the system's, of which some are over.
    """
    context.verify_flags |= ssl.VerifyFlags(NO_CHECK_TIME)

    class DatedSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            try:
                super().do_handshake(block)
                _judge(self.getpeercert(), whose, now())
                for authority in context.get_ca_certs() if authorities else ():
                    _judge(authority, "the authority's certificate", now())
            except BaseException:
                # Whoever asked for the handshake never gets to hold the socket.
                self.close()
                raise

    context.sslsocket_class = DatedSocket


def _judge(certificate: dict[str, Any] | None, whose: str, now: KnownTime) -> None:
    assert certificate is not None, "the handshake demands a certificate"
    begins, ends = (ssl.cert_time_to_seconds(str(certificate[key])) for key in ("notBefore", "notAfter"))
    why = out_of_time(begins, ends, now)
    if why is not None:
        today = time.strftime("%Y-%m-%d", time.gmtime(now.at))
        sure = "" if now.sure else " at the earliest, for this clock follows no reference"
        raise ssl.SSLCertVerificationError(
            f"{whose} does not count: {why} (valid {certificate['notBefore']} to {certificate['notAfter']}; here it is "
            f"{today}{sure})"
        )
