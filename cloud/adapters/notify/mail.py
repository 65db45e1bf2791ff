"""Mail by SMTP (RFC 5321): to a server of the administrator's choice, encrypted wherever a password goes with it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from threading import Timer
from typing import Final, Literal

from cloud.adapters.notify.connecting import too_slow, unconnected
from cloud.adapters.notify.patience import PATIENCE_S
from cloud.adapters.notify.wording import LINK, TITLES
from cloud.application.messages import Answered, Message, NotSent
from cloud.domain.community.faults import fault
from cloud.domain.duties.escalation import Importance

LONGEST_SUBJECT: Final = 120
Security = Literal["tls", "starttls", "none"]


def trust() -> ssl.SSLContext:
    """By whom servers are vouched for: whoever the machine trusts."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class MailServer:
    """`security`: TLS from the first byte, STARTTLS before anything is said, or none at all; then there is no password. `sender`:
    the address mail comes from, `sender_name` as whom.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str
    sender: str
    sender_name: str


class MailChannel:
    """Implements `messages.Channel`. `judged`: (host, port) → the address to connect to; raises NotSent where nothing may go."""

    carries_links = True
    rings = False

    def __init__(
        self,
        server: MailServer,
        judged: Callable[[str, int], str],
        now: Callable[[], datetime],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._server, self._judged, self._now, self._patience_s = server, judged, now, patience_s

    def deliver(self, message: Message) -> None:
        host = self._server.host
        try:
            mail = self._mail(message)
        except (ValueError, IndexError, MessageError):
            # From None: what the library says quotes the address.
            raise NotSent(fault("address-unsuitable")) from None
        connection = _Pinned(self._server, self._judged(host, self._server.port), self._patience_s)
        # A timeout of the socket begins anew with each byte; who drips them out must not hold us for ever.
        deadline = Timer(self._patience_s, connection.cut)
        deadline.start()
        try:
            with _told_plainly(host), _opened(connection, self._server) as smtp:
                smtp.send_message(mail, self._server.sender, [message.address])
        except NotSent:
            if connection.was_cut:
                raise NotSent(too_slow(host, self._patience_s)) from None
            raise
        finally:
            deadline.cancel()
            connection.close()

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        first = "".join(one for one in message.text.split("\n", 1)[0] if one.isprintable())
        mail["Subject"] = f"{TITLES[message.importance].of(message.language)} {first[:LONGEST_SUBJECT]}"
        name, _, domain = self._server.sender.rpartition("@")
        mail["From"] = Address(self._server.sender_name, name, domain)
        mail["To"] = message.address
        mail["Date"] = format_datetime(self._now())
        # The same whenever the same is sent again, so that mailboxes may fold it.
        mail["Message-ID"] = f"<{message.id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.importance is Importance.EMERGENCY:
            mail["Importance"] = "high"
        link = f"\n{LINK.of(message.language)}{message.link}" if message.link is not None else ""
        mail.set_content(message.text + link)
        return mail


class _Pinned(smtplib.SMTP):
    """Connects to the address that was judged, whatever the host resolves to meanwhile; TLS is for the host."""

    def __init__(self, server: MailServer, address: str, patience_s: float) -> None:
        self._server, self._address, self.was_cut = server, address, False
        # Said by name: the default asks the machine's name of the network, which may take long.
        super().__init__(local_hostname=server.sender.rpartition("@")[2], timeout=patience_s)
        self._host = server.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        del host
        plain = socket.create_connection((self._address, port), timeout)
        if self._server.security != "tls":
            return plain
        return trust().wrap_socket(plain, server_hostname=self._server.host)

    def cut(self) -> None:
        """Ends whatever is waited for, from another thread."""
        self.was_cut = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


@contextmanager
def _opened(connection: _Pinned, server: MailServer) -> Iterator[smtplib.SMTP]:
    code, said = connection.connect(server.host, server.port)
    if code != 220:  # noqa: PLR2004 - RFC 5321, 4.2: service ready
        raise smtplib.SMTPConnectError(code, said)
    if server.security == "starttls":
        connection.starttls(context=trust())
    if server.user:
        connection.login(server.user, server.password)
    yield connection
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()


@contextmanager
def _told_plainly(host: str) -> Iterator[None]:
    """What went wrong, in words that hold neither password nor address; what the server said is kept apart."""
    try:
        yield
    except smtplib.SMTPException as error:
        # A socket that has waited long enough is to the library one that was broken off.
        if isinstance(error.__context__, TimeoutError):
            raise NotSent(unconnected(host, error.__context__)) from None
        raise _refused(host, error) from None
    except OSError as error:
        raise NotSent(unconnected(host, error)) from None
    except ValueError as error:
        raise _refused(host, error) from None


def _refused(host: str, error: Exception) -> NotSent:
    """The server spoke, and does not take it; or broke off."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        status, said = next(iter(error.recipients.values()))
        return Answered(fault("recipient-refused", host=host, status=status), _text(said))
    if isinstance(error, smtplib.SMTPResponseException):
        code = _REFUSALS.get(type(error), "mail-refused")
        return Answered(fault(code, host=host, status=error.smtp_code), _text(error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NotSent(fault("mail-not-offered", host=host))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return NotSent(fault("broken-off", host=host))
    return NotSent(fault("cannot-be-reached", host=host, detail=type(error).__name__))


_REFUSALS: Final[Mapping[type[smtplib.SMTPResponseException], str]] = {
    smtplib.SMTPAuthenticationError: "sign-in-refused",
    smtplib.SMTPSenderRefused: "sender-refused",
}


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
