from __future__ import annotations

import pytest

from tests.integration.enrolment.site import Intruder, Site


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def comes(site):
    """Somebody comes to the broker with these credentials."""
    here = []

    def come(credentials, client_id="intruder"):
        here.append(Intruder(site, credentials, client_id))
        return here[-1]

    yield come
    for one in here:
        one.close()
