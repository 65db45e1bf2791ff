"""An administrator sets up how messages go out: over REST and on the page, tried at once, and no secret is ever shown again."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest

from cloud.adapters.notify.channel_seal import SEAL_FILE, FileChannelSeal
from cloud.application.notices.known_channels import LOOKS_EVERY_S, KnownChannels, MeansKnown
from cloud.application.notices.switchboard import Switchboard
from cloud.application.rosters.keep_channels import Given
from cloud.domain.community.channel_setup import Form
from cloud.domain.community.means import Means
from cloud.domain.records.ledger import Kind
from tests.integration.accounts.second_estate import builds
from tests.integration.cloud.notify.gateway_of_our_own import provider
from tests.integration.cloud.notify.mail_of_our_own import mail_server
from tests.integration.cloud_web.house import ESTATE

API = "/api/v1/channels"
PASSWORD = "s3cr3t-password-of-mail"
KEY = "k3y-of-the-provider"
MAIL = {"form": "mail", "host": "smtp.example.org", "user": "me", "password": PASSWORD, "sender": "me@example.org"}
EN = {"lang": "en"}


def gateway(url, **extra):
    body = '{"to": "${address}", "text": "${text}"}'
    headers = {"Content-Type": "application/json", "Authorization": "Bearer ${secret}"}
    return {"form": "gateway", "url": f"{url}/send", "headers": headers, "body": body, "secret": KEY, **extra}


@pytest.fixture
def chief(house, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("administrator"))
    return visitor


@pytest.fixture
def there():
    with provider() as there:
        yield there


def text(answer):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def told(house):
    """What the ledger says of channels."""
    with house.units.reading() as uow:
        return [one for one in uow.ledger.since(ESTATE, 0) if one.kind.startswith("channel.")]


def passes(house, seconds=11):
    house.clock.pass_by(timedelta(seconds=seconds))


def test_one_is_set_up_tried_switched_off_and_removed_and_the_ledger_says_who(house, chief, there):
    made = chief.put(f"{API}/pager", json=gateway(there.url))
    assert made.status_code == 201, made.text
    assert made.json()["secrets"] == ["secret"]
    tried = chief.post(f"{API}/pager/test", json={"address": "13800000001"})
    assert tried.json() == {"taken": True, "why": None, "failure": None, "said": ""}
    (asked,) = there.asked
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(asked.body)["to"] == "13800000001"
    assert chief.patch(f"{API}/pager", json={"active": False}).json()["active"] is False
    changed = chief.put(f"{API}/pager", json={**gateway(there.url, success="ok"), "secret": None})
    assert (changed.status_code, changed.json()["active"]) == (200, False)
    assert chief.delete(f"{API}/pager").status_code == 204
    assert chief.get(f"{API}/pager").status_code == 404
    kinds = [Kind.CHANNEL_SET_UP, Kind.CHANNEL_CHANGED, Kind.CHANNEL_CHANGED, Kind.CHANNEL_REMOVED]
    assert [one.kind for one in told(house)] == kinds
    assert {one.actor for one in told(house)} == {"member:administrator"}
    assert told(house)[2].data["what"] == "success"
    assert not [one for one in told(house) if KEY in str(one.data) or there.url in str(one.data)]


def test_why_a_test_fails_is_told_with_what_the_other_side_said_but_no_secret(house, chief, there):
    chief.put(f"{API}/pager", json=gateway(there.url, success='"code": 0'))
    there.answers = [(401, f'{{"msg": "no such key {KEY} for 13800000001"}}'), (200, '{"code": 7, "msg": "no money"}')]
    refused = chief.post(f"{API}/pager/test", json={"address": "13800000001"}).json()
    assert refused["why"] == "the gateway answered 401"
    assert refused["failure"] == {"code": "gateway-answered", "values": {"status": 401}}
    assert refused["said"] == '{"msg": "no such key *** for ***"}'
    assert chief.post(f"{API}/pager/test", json={"address": "13800000001"}).status_code == 429
    passes(house)
    page = chief.post("/channels/pager/test", params=EN, data={"address": "13800000001"})
    assert "The test did not go out" in text(page)
    assert "did not say that it took it" in text(page)
    assert "no money" in text(page)
    passes(house)
    chinese = chief.post("/channels/pager/test", params={"lang": "zh"}, data={"address": "13800000001"})
    assert "未确认收下" in text(chinese)


def test_mail_is_set_up_on_the_page_and_arrives(house, chief):
    with mail_server() as mailbox:
        form = {
            "kind": "email",
            "host": "127.0.0.1",
            "port": str(mailbox.port),
            "security": "none",
            "sender": "t@example.org",
        }
        made = chief.post("/channels/add/mail", params=EN, data={**form, "user": "", "password": ""})
        assert made.status_code == 303 or made.is_success, text(made)
        page = chief.post("/channels/email/test", params=EN, data={"address": "chief@example.org"})
        assert "The test was accepted: e-mail" in text(page)
        assert mailbox.to == ["chief@example.org"]
        passes(house)
        mailbox.refuses = {"RCPT": "550 no such user"}
        page = chief.post("/channels/email/test", params=EN, data={"address": "chief@example.org"})
        assert "does not take mail for this address (550)" in text(page)


def everywhere(house, chief):
    """Whatever can be read of a channel, by anybody who may."""
    pages = [
        chief.get(path, params=EN).text
        for path in ("/channels", "/channels/email", "/channels/sms-2", "/guide/members")
    ]
    pages += [
        chief.get(path).text
        for path in (API, f"{API}/email", f"{API}/sms-2", "/api/v1/ledger", "/api/v1/exports/estate")
    ]
    with house.units.reading() as uow:
        pages += [repr(one) for one in uow.channels.all()] + [repr(told(house))]
    return "\n".join(pages)


def test_no_secret_is_shown_again_nor_kept_in_the_clear(house, chief, there, caplog):
    with caplog.at_level("DEBUG"):
        chief.put(f"{API}/email", json=MAIL)
        chief.put(f"{API}/sms-2", json=gateway(there.url))
        chief.put(f"{API}/chat", json={"form": "apprise", "url": "tgram://123456789:abcdefg_hijklmnop/{address}"})
        wrong = chief.put(f"{API}/email", json={**MAIL, "host": "no host!"})
        kept = chief.post(
            "/channels/email", params=EN, data={"host": "no host!", "password": PASSWORD, "user": "me", "version": "1"}
        )
    shown = (
        everywhere(house, chief) + chief.get("/channels/chat", params=EN).text + wrong.text + kept.text + caplog.text
    )
    assert not [one for one in (PASSWORD, KEY, "abcdefg_hijklmnop") if one in shown]
    stored = b"".join(path.read_bytes() for path in house.ground.folder.glob("tocsin.db*"))
    assert not [one for one in (PASSWORD, KEY, "abcdefg_hijklmnop") if one.encode() in stored]
    key = house.ground.folder / "authority" / SEAL_FILE
    assert key.stat().st_mode & 0o777 == 0o600


def test_it_counts_at_once_here_and_within_a_second_in_another_process(house, chief, there):
    seconds = [0.0]
    seal = FileChannelSeal(house.ground.folder / "authority")
    other = KnownChannels(house.units, lambda: seal, frozenset(), lambda: seconds[0])
    board, means = Switchboard(other, {}, house.ground.tools.fitting), MeansKnown(other, Means(frozenset()))
    assert list(board) == []
    chief.put(f"{API}/pager", json=gateway(there.url))
    seconds[0] += LOOKS_EVERY_S
    assert list(board) == ["pager"]
    assert means().kinds == {"pager"}
    chief.patch(f"{API}/pager", json={"active": False})
    seconds[0] += LOOKS_EVERY_S
    assert (list(board), means().kinds) == ([], frozenset())
    assert board.get("pager") is None


def test_a_lost_key_is_told_and_the_secret_entered_again_makes_it_work(house, chief, there):
    chief.put(f"{API}/pager", json=gateway(there.url))
    (house.ground.folder / "authority" / SEAL_FILE).unlink()
    assert chief.get(f"{API}/pager").json()["lost"] is True
    assert "The secret must be entered again" in text(chief.get("/channels", params=EN))
    assert "The secret must be entered again" in text(chief.get("/channels/pager", params=EN))
    seal = FileChannelSeal(house.ground.folder / "authority")
    assert KnownChannels(house.units, lambda: seal, frozenset()).usable() == {}, "whatever starts from now on"
    tried = chief.post(f"{API}/pager/test", json={"address": "1"}).json()
    assert tried["why"] == "its secret must be entered again"
    without = chief.put(f"{API}/pager", json={**gateway(there.url), "secret": None})
    assert (without.status_code, without.json()["type"]) == (422, "/problems/refused")
    assert chief.put(f"{API}/pager", json=gateway(there.url)).json()["lost"] is False
    passes(house)
    assert chief.post(f"{API}/pager/test", json={"address": "1"}).json()["taken"] is True


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(lambda key: key.chmod(0o644), "can be read by others"), (lambda key: key.write_text("x"), "is damaged")],
)
def test_a_key_that_others_can_read_or_that_is_damaged_is_never_used(house, chief, there, spoil, why):
    chief.put(f"{API}/pager", json=gateway(there.url))
    spoil(house.ground.folder / "authority" / SEAL_FILE)
    assert why in text(chief.get("/channels", params=EN))
    assert why in chief.put(f"{API}/other", json=gateway(there.url)).text
    assert chief.get(f"{API}/other").status_code == 404


def test_nobody_reads_a_secret_by_changing_where_it_goes(house, chief, there):
    chief.put(f"{API}/pager", json=gateway("https://sms.example.org"))
    for thief in ({"url": f"{there.url}/mine"}, {"body": '{"text": "${secret}"}'}, {"headers": {"X": "${secret}"}}):
        answer = chief.put(f"{API}/pager", json={**gateway("https://sms.example.org"), **thief, "secret": None})
        assert (answer.status_code, "again" in answer.text) == (422, True), thief
    chief.put(f"{API}/email", json=MAIL)
    moved = chief.put(f"{API}/email", json={**MAIL, "host": "127.0.0.1", "password": None})
    assert moved.status_code == 422
    assert chief.put(f"{API}/email", json={**MAIL, "sender_name": "Gate", "password": None}).status_code == 200


def test_what_the_settings_name_is_shown_and_not_changed_here(house, chief):
    listed = {one["kind"]: one["source"] for one in chief.get(API).json()}
    assert listed == {"sms": "file", "voice": "file"}
    assert "from the server's file" in text(chief.get("/channels", params=EN))
    refused = chief.put(f"{API}/sms", json=gateway("https://sms.example.org"))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")


def test_what_nobody_has_filled_in_stands_there_as_usual(house, chief):
    house.services.setting_up.channels.set_up(
        "email",
        Given(Form.MAIL, {"host": "smtp.example.org", "sender": "t@example.org"}),
        house.identity("administrator"),
    )
    assert chief.get(f"{API}/email").json()["settings"]["port"] == 465
    assert "smtp.example.org:465" in text(chief.get("/channels", params=EN))


def test_only_one_channel_takes_keys(house, chief):
    ringing = gateway("https://call.example.org", callback={})
    assert chief.put(f"{API}/call", json=ringing).json()["rings"] is True
    assert chief.put(f"{API}/call-2", json=ringing).status_code == 409
    assert chief.put(f"{API}/call", json={**ringing, "callback": None}).json()["rings"] is False
    assert chief.put(f"{API}/call-2", json=ringing).status_code == 201


WRONG = {
    "a password without encryption": {**MAIL, "security": "none"},
    "a user without a password": {**MAIL, "password": None},
    "no host": {**MAIL, "host": "smtp.example.org/x"},
    "no mailbox": {**MAIL, "sender": "me\r\nBcc: x@example.org"},
    "a key that would be shown": {**gateway("https://x.example"), "headers": {"Authorization": "Bearer abc"}},
    "the same in a body": {**gateway("https://x.example"), "body": '{"apikey": "abc"}'},
    "the same in an address": gateway("https://x.example/?token=abc&x="),
    "the same before the host": gateway("https://me:word@x.example"),
    "an unknown name": {**gateway("https://x.example"), "body": "${who}"},
    "a header of two lines": {**gateway("https://x.example"), "headers": {"X": "a\r\nY: b"}},
    "no regular expression": {**gateway("https://x.example"), "success": "("},
    "where clouds keep their metadata": gateway("http://169.254.169.254"),
    "a service of this machine alone": {"form": "apprise", "url": "syslog://"},
    "what Apprise does not know": {"form": "apprise", "url": "nonsense://x"},
    "no secret for what is signed": {**gateway("https://x.example"), "signed": "${body}", "secret": "", "headers": {}},
    "a callback's header without its secret": gateway("https://x.example", callback={"signature_header": "X-Sign"}),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_work_or_would_give_a_secret_away_is_refused(house, chief, what):
    answer = chief.put(f"{API}/any", json=WRONG[what])
    assert answer.status_code == 422, answer.text
    assert chief.get(f"{API}/any").status_code == 404
    assert told(house) == []


def test_a_test_goes_neither_to_the_metadata_nor_unencrypted_to_the_internet(house, chief):
    chief.put(f"{API}/pager", json=gateway("http://93.184.215.14"))
    tried = chief.post(f"{API}/pager/test", json={"address": "1"}).json()
    assert "http goes as far as the house only" in tried["why"]


def test_of_several_estates_only_who_administers_all_of_them_sets_channels_up(house, chief):
    builds(house)
    for answer in (chief.get(API), chief.put(f"{API}/email", json=MAIL), chief.get("/channels", params=EN)):
        assert answer.status_code == 403
        assert "every estate on it" in html.unescape(answer.text)
    assert chief.get("/guide/members", params=EN).status_code == 200


def test_a_new_one_on_the_page_takes_no_others_place(house, chief, there):
    chief.put(f"{API}/pager", json=gateway(there.url))
    form = {"kind": "pager", "url": f"{there.url}/other", "body": "${text}", "method": "POST"}
    assert "There is a channel pager already" in text(chief.post("/channels/add/sms", params=EN, data=form))
    assert chief.get(f"{API}/pager").json()["settings"]["url"] == f"{there.url}/send"


def test_two_who_change_the_same_do_not_overwrite_each_other_on_the_page_either(house, chief, there):
    chief.put(f"{API}/pager", json=gateway(there.url))
    form = {"url": f"{there.url}/send", "body": "${text}", "secret": KEY, "method": "POST"}
    assert "Somebody has changed it" in text(chief.post("/channels/pager", params=EN, data={**form, "version": "0"}))
    chief.post("/channels/pager", params=EN, data={**form, "version": "1"})
    assert chief.get(f"{API}/pager").json()["settings"]["body"] == "${text}"
    assert "Somebody has changed it" in text(chief.post("/channels/pager", params=EN, data={**form, "version": "1"}))
    seen = chief.get(f"{API}/pager").headers["etag"]
    assert chief.delete(f"{API}/pager", headers={"if-match": '"another"'}).status_code == 412
    assert chief.delete(f"{API}/pager", headers={"if-match": seen}).status_code == 204
    assert chief.put(f"{API}/pager", json=gateway(there.url), headers={"if-match": seen}).status_code == 404


@pytest.mark.parametrize("sort", ["mail", "sms", "voice", "apprise"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_example_can_be_saved_as_it_stands_but_for_its_secret(house, chief, sort, lang):
    from cloud.entrypoints.web.channel_examples import EXAMPLES

    for name, example in EXAMPLES[sort].items():
        page = chief.get(f"/channels/add/{sort}", params={"lang": lang, "example": name})
        fields = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page.text))
        fields |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', page.text))
        typed = {key: html.unescape(value) for key, value in fields.items()}
        typed |= {"kind": f"x-{name}", "secret": KEY} if sort != "apprise" else {"kind": f"x-{name}"}
        typed["apprise"] = typed.get("apprise", "").replace("BOT_TOKEN", "123456789:abcdefg_hijklmnop")
        answer = chief.post(f"/channels/add/{sort}", params={"lang": lang}, data=typed)
        assert answer.status_code in {200, 303}, text(answer)
        kept = chief.get(f"{API}/x-{name}").json()
        assert kept["kind"] == f"x-{name}", text(answer)
        assert kept["settings"].get("url", "") == example.settings.get("url", "")
