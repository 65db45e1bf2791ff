"""A member keeps their own contacts on a page: added, proven by the code, ordered, quiet, tried, removed with a warning."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cloud.application.rosters.through_channels import TEST_EVERY
from tests.fakes.reach import read_code
from tests.integration.cloud_web.house_register import register_of

PAGE = "/account/reached"
NUMBER = "13800000001"


@pytest.fixture
def tenant(house, visitor):
    """A resident, signed in: how one is reached is everybody's own business."""
    visitor.cookies.set("tocsin_session", house.session_of("tenant"))
    return visitor


@pytest.fixture
def has(house, tenant):
    """`has("sms", "138…")`: the tenant adds that way and proves it; its address under the page."""

    def added(channel: str, address: str, *, proven: bool = True) -> str:
        answer = tenant.post(PAGE, data={"channel": channel, "address": address})
        assert answer.status_code == 303, answer.text
        key = answer.headers["location"].partition("#")[2]
        if proven:
            code = read_code(house.channels[channel].delivered[-1].text)
            assert tenant.post(f"{PAGE}/{key}/verify", data={"code": code}).status_code == 303
        return f"{PAGE}/{key}"

    return added


def shown(browser, lang="en") -> str:
    return " ".join(browser.get(PAGE, params={"lang": lang}).text.split())


def addresses(page: str) -> list[str]:
    return re.findall(r'<span class="mono">([^<]+)</span>', page)


def test_a_resident_adds_a_number_and_proves_it_by_the_code_that_arrives_there(house, tenant):
    assert "You cannot be reached yet" in shown(tenant)
    added = tenant.post(PAGE, data={"channel": "sms", "address": NUMBER})
    way = f"{PAGE}/{added.headers['location'].partition('#')[2]}"
    assert "not confirmed yet" in shown(tenant)
    wrong = tenant.post(f"{way}/verify?lang=zh", data={"code": "000000x"})
    assert (wrong.status_code, "验证码不对" in wrong.text) == (422, True)
    code = read_code(house.channels["sms"].delivered[-1].text)
    assert tenant.post(f"{way}/verify", data={"code": code}).status_code == 303
    assert "confirmed as yours" in shown(tenant)
    assert NUMBER not in str([entry.data for entry in house.ledger()]), "the ledger knows no address"


def test_a_code_is_asked_for_again_and_not_at_once(house, tenant, has):
    way = has("sms", NUMBER, proven=False)
    early = tenant.post(f"{way}/code?lang=en")
    assert (early.status_code, "wait for it" in early.text) == (409, True)
    house.clock.pass_by(timedelta(minutes=2))
    assert tenant.post(f"{way}/code").status_code == 303
    assert len(house.channels["sms"].delivered) == 2


def test_ways_are_put_in_order_and_the_proven_ones_stay_first(tenant, has):
    first, second = has("sms", "13800000001"), has("voice", "13800000002")
    has("sms", "13800000003", proven=False)
    assert addresses(shown(tenant)) == ["13800000001", "13800000002", "13800000003"]
    tenant.post(f"{second}/up")
    page = shown(tenant)
    assert addresses(page) == ["13800000002", "13800000001", "13800000003"]
    assert page.count('/up"') == 1, "the first has nobody before it, and nothing unproven comes before what is proven"
    assert "confirmed as yours" in page
    tenant.post(f"{second}/up")
    tenant.post(f"{first}/up")
    assert addresses(shown(tenant))[0] == "13800000001"


def test_quiet_hours_and_gathering_are_kept_and_half_of_them_is_refused(tenant, has):
    way = has("sms", NUMBER)
    assert "Life safety ignores both" in shown(tenant)
    tenant.post(f"{way}/quiet", data={"quiet_from": "22:00", "quiet_until": "07:00", "digest": "true"})
    page = shown(tenant)
    assert "quiet 22:00–07:00" in page
    assert "collected" in page
    for bad in ({"quiet_from": "22:00"}, {"quiet_from": "late", "quiet_until": "07:00"}):
        assert tenant.post(f"{way}/quiet", data=bad).status_code == 422
    assert "quiet 22:00–07:00" in shown(tenant)
    tenant.post(f"{way}/quiet", data={})
    assert "quiet 22:00" not in shown(tenant)


def test_a_test_message_says_what_came_of_it_and_not_too_often(house, tenant, has):
    way = has("sms", NUMBER)
    assert "The channel took the test message" in tenant.post(f"{way}/test?lang=en").text
    assert house.channels["sms"].delivered[-1].address == NUMBER
    assert tenant.post(f"{way}/test").status_code == 429
    house.clock.pass_by(TEST_EVERY)
    house.channels["sms"].cut(f"no route to {NUMBER}")
    failed = tenant.post(f"{way}/test?lang=en").text
    assert "The test message was not taken: no route to ***" in failed


def test_removing_asks_first_and_warns_of_what_is_lost(tenant, has):
    text, call = has("sms", "13800000001"), has("voice", "13800000002")
    assert "last one that rings" in tenant.get(f"{call}/remove?lang=en").text
    harmless = tenant.get(f"{text}/remove?lang=en").text
    assert "Remove it" in harmless
    assert 'role="alert"' not in harmless
    assert addresses(shown(tenant)) == ["13800000001", "13800000002"], "asking removes nothing"
    assert tenant.post(f"{call}/remove").status_code == 303
    assert "None of your confirmed ways rings" in shown(tenant)
    assert "It is the only way to you" in tenant.get(f"{text}/remove?lang=en").text
    tenant.post(f"{text}/remove")
    assert "You cannot be reached yet" in shown(tenant)


def test_whether_one_was_reached_lately_is_ones_own_to_see(house, tenant):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    house.message_fails(task, "tenant")
    page = shown(tenant)
    assert "not reached" in page
    assert "the gateway answered 503" in page
    tenant.cookies.set("tocsin_session", house.session_of("lodger"))
    assert "No message was meant for you" in shown(tenant)


def test_nonsense_is_refused_in_the_readers_language_and_anothers_channel_is_not_there(house, tenant, has):
    for channel, address in (("sms", "not a number"), ("pigeon", "roof"), ("sms", NUMBER), ("sms", NUMBER)):
        last = tenant.post(f"{PAGE}?lang=zh", data={"channel": channel, "address": address})
        if address != NUMBER:
            assert (last.status_code, "未能添加" in last.text) == (422, True)
    assert (last.status_code, "该联系方式已存在" in last.text) == (409, True)
    way = f"{PAGE}/{house.services.reach.contacts.of_member('tenant', house.identity('tenant')).contacts[0].key}"
    tenant.cookies.set("tocsin_session", house.session_of("lodger"))
    for deed in ("code", "test", "up", "quiet", "remove"):
        assert tenant.post(f"{way}/{deed}").status_code == 404, deed
    assert tenant.get(f"{way}/remove").status_code == 404


def test_it_is_one_tap_from_the_account(tenant):
    assert 'href="/account/reached"' in tenant.get("/account").text


def test_the_language_one_chooses_is_the_one_of_messages_and_stays_when_the_estate_is_loaded_again(house, tenant, has):
    way = has("sms", NUMBER)
    tenant.post(f"{way}/test")
    assert "测试消息" in house.channels["sms"].delivered[-1].text
    assert tenant.post(f"{PAGE}/language", data={"language": "en"}).status_code == 303
    tenant.cookies.delete("tocsin_lang")
    assert '<html lang="en"' in tenant.get(PAGE, headers={"accept-language": "zh"}).text
    assert house.services.queries.register("example", None).members["tenant"].language == "en"
    with house.units.writing() as uow:
        uow.registers.store(register_of({}), "another digest")
        uow.commit()
    house.clock.pass_by(TEST_EVERY)
    tenant.post(f"{way}/test")
    assert "This is a test" in house.channels["sms"].delivered[-1].text
    assert tenant.post(f"{PAGE}/language", data={"language": "fr"}).status_code == 422
