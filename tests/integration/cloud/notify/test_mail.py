"""Mail by SMTP, against a server of the test's own: what arrives, and why something does not."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime

import pytest

from cloud.adapters.authority import open_authority
from cloud.adapters.notify import mail as mail_module
from cloud.adapters.notify.mail import MailChannel, MailServer, _opened, _Pinned, _told_plainly
from cloud.adapters.notify.outward import Limits, Outward
from cloud.application.messages import Answered, Message, NotSent
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.failure import words
from tests.integration.cloud.notify.mail_of_our_own import mail_server

NOW = datetime(2026, 11, 27, tzinfo=UTC)
PASSWORD = "s3cr3t-password"
HOSTILE = "smoke\r\nBcc: everybody@example.org\r\n\r\n.\r\n<script>"


@pytest.fixture
def there():
    with mail_server() as there:
        yield there


def channel(there, patience_s=9.0, **settings):
    given = {
        "security": "none",
        "user": "",
        "password": "",
        "sender": "tocsin@example.org",
        "sender_name": "小区 Tocsin",
    }
    server = MailServer(host="127.0.0.1", port=there.port, **{**given, **settings})
    return MailChannel(server, Outward(Limits(loopback=True, house=True)).judged, lambda: NOW, patience_s)


def message(text="电梯困人", importance=Importance.EMERGENCY, address="guard@example.org", **extra):
    return Message("id-1", address, "物业", "zh", importance, text, **extra)


def test_a_message_arrives_with_words_link_and_who_it_is_from(there):
    channel(there).deliver(message(link="https://tocsin.example/enter/x"))
    (mail,) = there.mail
    assert there.to == ["guard@example.org"]
    assert mail["subject"] == "【险情】 电梯困人"
    assert mail["from"] == "小区 Tocsin <tocsin@example.org>"
    assert mail["message-id"] == "<id-1@example.org>", "the same when it is sent again"
    assert (mail["importance"], mail["auto-submitted"]) == ("high", "auto-generated")
    assert "https://tocsin.example/enter/x" in mail.get_content()


def test_no_words_become_a_header_another_reader_or_the_end(there):
    channel(there).deliver(message(HOSTILE, Importance.NORMAL))
    (mail,) = there.mail
    assert there.to == ["guard@example.org"]
    assert (mail["bcc"], mail["importance"]) == (None, None)
    assert "<script>" in mail.get_content()
    with pytest.raises(NotSent):
        channel(there).deliver(message(address="a@b.example\r\nRCPT TO:<c@d.example>"))
    assert len(there.mail) == 1


def told_in_chinese(error: pytest.ExceptionInfo[NotSent]) -> bool:
    """It has a code, and Chinese words that are no English."""
    return bool(error.value.why.code) and not re.search(r"[a-z]{3,}", words(error.value.why).zh)


REFUSALS = {
    "MAIL": ("550 5.1.8 who are you", "from this sender (550)", "who are you"),
    "RCPT": ("550 5.1.1 nobody here", "for this address (550)", "nobody here"),
    "DATA": ("554 5.7.1 spam", "refused (554)", "spam"),
    "EHLO": ("421 4.3.2 closing", "refused (", ""),
}


@pytest.mark.parametrize("verb", REFUSALS)
def test_why_it_was_not_taken_is_told_and_what_was_said_kept_apart(there, verb):
    answer, why, said = REFUSALS[verb]
    there.refuses = {verb: answer, **({"HELO": answer} if verb == "EHLO" else {})}
    with pytest.raises(Answered) as error:
        channel(there).deliver(message())
    assert why in str(error.value)
    assert said in error.value.said
    assert said not in str(error.value).replace(why, "") or not said
    assert error.value.zh
    assert told_in_chinese(error)


def test_a_password_never_goes_without_encryption_where_none_is_offered(there):
    there.users = {"tocsin": PASSWORD}
    with pytest.raises(NotSent, match="no STARTTLS") as error:
        channel(there, security="starttls", user="tocsin", password=PASSWORD).deliver(message())
    assert told_in_chinese(error)
    assert "AUTH" not in there.commands


@pytest.fixture
def certificate(tmp_path):
    """With which a server speaks TLS, and by whom it is vouched for."""
    authority = open_authority(tmp_path, now=datetime.now(UTC))
    certificate, key = authority.certify_server(["127.0.0.1"], datetime.now(UTC))
    (tmp_path / "pair.pem").write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    return context, lambda: ssl.create_default_context(cadata=authority.pem)


@pytest.fixture
def certified(certificate, monkeypatch):
    """A server with TLS, whose authority this machine trusts when the test says so."""
    context, trusting = certificate
    with mail_server(context) as there:
        there.users = {"tocsin": PASSWORD}
        there.trusted = lambda: monkeypatch.setattr(mail_module, "trust", trusting)
        yield there


def test_after_starttls_the_user_signs_in_and_the_mail_arrives(certificate, monkeypatch):
    context, trusting = certificate
    with mail_server(later=context) as there:
        there.users = {"tocsin": PASSWORD}
        with pytest.raises(NotSent, match="not to be trusted"):
            channel(there, security="starttls", user="tocsin", password=PASSWORD).deliver(message())
        assert "AUTH" not in there.commands, "nobody vouches for it: it is told nothing"
        monkeypatch.setattr(mail_module, "trust", trusting)
        there.commands.clear()
        channel(there, security="starttls", user="tocsin", password=PASSWORD).deliver(message())
        assert there.commands[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
        assert [mail["subject"] for mail in there.mail] == ["【险情】 电梯困人"]


def test_what_is_said_before_starttls_is_believed_by_nobody_after_it(certificate, monkeypatch):
    """Somebody on the way slips in an answer that is to count once the connection is encrypted (CVE-2011-0411)."""
    context, trusting = certificate
    monkeypatch.setattr(mail_module, "trust", trusting)
    with mail_server(later=context) as there:
        there.slipped_in = ["250-mail.test", "250 AUTH PLAIN"]
        with pytest.raises(NotSent):
            channel(there, security="starttls", user="tocsin", password=PASSWORD).deliver(message())
        assert "AUTH" not in there.commands
        assert there.mail == []


def test_with_tls_the_user_signs_in_and_a_wrong_password_is_told_without_it(certified):
    certified.trusted()
    channel(certified, security="tls", user="tocsin", password=PASSWORD).deliver(message())
    assert len(certified.mail) == 1
    with pytest.raises(Answered) as error:
        channel(certified, security="tls", user="tocsin", password="another").deliver(message())
    assert "refused user or password (535)" in str(error.value)
    assert "another" not in str(error.value)
    assert told_in_chinese(error)


def test_a_certificate_that_nobody_vouches_for_is_refused(certified):
    with pytest.raises(NotSent, match="not to be trusted") as error:
        channel(certified, security="tls", user="tocsin", password=PASSWORD).deliver(message())
    assert told_in_chinese(error)
    assert certified.commands == []


def test_what_is_no_tls_what_is_silent_and_what_is_not_there_are_told_apart(there):
    with pytest.raises(NotSent, match="no TLS there") as no_tls:
        channel(there, security="tls").deliver(message())
    there.silent = True
    with pytest.raises(NotSent, match=r"does not answer|took more than") as silent:
        channel(there, patience_s=0.3).deliver(message())
    there.port = 1
    with pytest.raises(NotSent, match="connection refused") as gone:
        channel(there).deliver(message())
    assert all(map(told_in_chinese, (no_tls, silent, gone)))


def test_a_socket_that_waited_long_enough_is_not_told_as_one_that_was_broken_off(there):
    """Before the deadline of the whole: the library says the same of both."""
    there.silent = True
    server = MailServer("127.0.0.1", there.port, "none", "", "", "tocsin@example.org", "")
    connection = _Pinned(server, "127.0.0.1", 0.1)
    with (
        pytest.raises(NotSent, match="does not answer"),
        _told_plainly("127.0.0.1"),
        _opened(connection, server),
    ):
        pass
    connection.close()


def test_no_mail_goes_to_where_clouds_keep_their_metadata(there):
    asked = Outward(Limits(loopback=True, house=True), lambda _host, _port: ["169.254.169.254"])
    server = MailServer("mail.example", there.port, "none", "", "", "tocsin@example.org", "")
    with pytest.raises(NotSent, match="metadata"):
        MailChannel(server, asked.judged, lambda: NOW).deliver(message())
