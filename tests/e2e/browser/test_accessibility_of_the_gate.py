"""Where a code is asked for before anything else opens: the page itself, and what it says of a wrong one."""

from __future__ import annotations

import pyotp
import pytest

from cloud.domain.accounts.second_factor import ASKED, SecondFactorRule
from tests.e2e.browser.looked import WIDE, Looker
from tests.e2e.browser.shown_once import AT_THE_GATE, PASSWORD

pytestmark = pytest.mark.browser


def sets_up_codes(house, member: str) -> None:
    own, me, address = house.services.accounts.own, house.identity(member), "192.0.2.1"
    own.set_password(me, member, "", PASSWORD, address=address)
    made = own.begin_second_factor(me)
    own.confirm_second_factor(me, pyotp.TOTP(made.secret).at(house.clock.now()), address=address)


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "dark"), ("en", "light")])
def test_axe_finds_nothing_where_a_code_is_asked_for(house, opens, lang, scheme):
    sets_up_codes(house, "manager")
    house.services.sign_in.second_factor = SecondFactorRule(ASKED)
    page = opens("manager", "/fleet", lang=lang, viewport=WIDE)
    assert "/account/second-factor" in page.url
    looker = Looker(page, scheme, None)
    found = [fault for one in AT_THE_GATE for fault in looker.faults(one, one.address)]
    assert not found, "\n".join(found)
