"""What is shown once after a form was sent, and what is said where it was not taken, holds to WCAG 2.2 AA as the pages do."""

from __future__ import annotations

import pytest

from tests.e2e.browser.looked import faults_of
from tests.e2e.browser.shown_once import FAULTS, SHOWN_ONCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("lang", "scheme", "other"), [("zh", "dark", "light"), ("en", "light", None)])
def test_axe_finds_nothing(addresses, opens, lang, scheme, other):
    found = faults_of((*SHOWN_ONCE, *FAULTS), addresses, opens, lang=lang, scheme=scheme, other=other)
    assert not found, "\n".join(found)
