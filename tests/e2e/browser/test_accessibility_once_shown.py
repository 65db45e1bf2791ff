"""What is shown once after a form was sent, and what is said where it was not taken, holds to WCAG 2.2 AA as the pages do."""

from __future__ import annotations

import pytest

from tests.e2e.browser.looked import faults_of
from tests.e2e.browser.shown_once import FAULTS, SHOWN_ONCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


PAGES = (*SHOWN_ONCE, *FAULTS)


def test_axe_finds_nothing_in_chinese(addresses, opens):
    found = faults_of(PAGES, addresses, opens, lang="zh", scheme="dark", other="light")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_a_phone_in_english(addresses, opens):
    found = faults_of(PAGES, addresses, opens, lang="en", scheme="light", phone_only=True)
    assert not found, "\n".join(found)
