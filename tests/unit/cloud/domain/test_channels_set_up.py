"""What a channel is, and when its secret is to be said again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.channel_setup import (
    SECRETS,
    SENT_WITH,
    ChannelSetup,
    Form,
    changed_between,
    checked_kind,
    must_be_said_again,
    settings_of,
)
from cloud.errors import Invalid
from tests.fakes.clocks import START

MAIL = {"host": "smtp.example.org", "port": 465, "security": "tls", "user": "me", "sender": "me@example.org"}


def setup(form=Form.MAIL, settings=MAIL, held=("password",), kind="email"):
    return ChannelSetup(
        kind, form, settings, held, "sealed", active=True, version=1, changed_at=START, changed_by="chief"
    )


@pytest.mark.parametrize("kind", ["", "Email", "e mail", "-a", "1a", "a" * 33, "console", "邮件", "a/b", "a\n"])
def test_what_is_no_name_of_a_channel_is_refused_in_both_languages(kind):
    with pytest.raises(Invalid) as error:
        checked_kind(kind)
    assert error.value.problems[0].zh


@pytest.mark.parametrize("name", SENT_WITH[Form.MAIL]["password"])
def test_whoever_changes_where_a_password_goes_says_it_again(name):
    changed = {**MAIL, name: "another"}
    assert must_be_said_again(setup(), changed, {}) == ["password"]
    assert must_be_said_again(setup(), changed, {"password": "new"}) == []
    assert must_be_said_again(setup(held=()), changed, {}) == []


def test_who_mail_is_from_may_change_without_it():
    assert must_be_said_again(setup(), {**MAIL, "sender": "you@example.org"}, {}) == []


@given(st.sampled_from(["url", "method", "headers", "body", "signed"]), st.text(min_size=1))
def test_no_part_of_what_a_gateway_is_sent_can_be_made_to_tell_the_secret(name, text):
    before = setup(Form.GATEWAY, {"url": "u", "body": "b"}, ("callback_secret", "secret"), "sms")
    changed = {**before.settings, name: f"{text}${{secret}}"}
    assert must_be_said_again(before, changed, {}) == ["secret"]


def test_what_has_changed_is_told_by_name():
    assert changed_between(setup(), Form.MAIL, {**MAIL, "port": 587, "sender_name": "x"}) == ["port", "sender_name"]
    assert changed_between(None, Form.MAIL, MAIL) == sorted(MAIL)


def test_every_form_says_what_of_it_is_secret_and_of_apprise_only_the_service_is_none():
    assert set(SECRETS) == set(SENT_WITH) == set(Form)
    assert settings_of(Form.APPRISE, {}, {"url": "tgram://123:TOKEN/{address}"}) == {"service": "tgram"}
    assert settings_of(Form.APPRISE, {}, {"url": "no url with a key"}) == {"service": ""}


def test_text_messages_and_calls_are_spared_however_they_are_sent():
    assert setup(Form.GATEWAY, {}, kind="pager").costs
    assert setup(Form.APPRISE, {}, kind="sms").costs
    assert not setup().costs
    assert setup(Form.GATEWAY, {"callback": {}}, kind="voice").rings
    assert not setup(Form.GATEWAY, {"callback": None}, kind="sms").rings
