"""The arbiter is named per estate; that nobody of it is here is said when the estate is loaded, with the remedy."""

from __future__ import annotations

from dataclasses import replace

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.duties.register_warnings import register_warnings
from tests.fakes.clocks import FakeClock
from tests.fakes.estate import description
from tests.fakes.units import FakeUnitsOfWork


def _without(party: str):
    known = description()
    return replace(known, members=tuple(one for one in known.members if one.party_id != party))


def test_an_arbiter_with_people_is_nothing_to_warn_of():
    assert not any("arbiter" in warning for warning in register_warnings(description().register(1)))


def test_loading_warns_of_an_arbiter_without_people_and_says_what_to_do():
    known = _without(description().register(1).arbiter.id)
    loaded = LoadEstate(FakeUnitsOfWork(), FakeClock())(known)
    (warning,) = [one for one in loaded.warnings if "arbiter" in one]
    assert known.register(1).arbiter.id in warning
    assert "Invite a member" in warning


def test_it_is_said_again_when_the_same_estate_is_loaded_once_more():
    known, load = _without(description().register(1).arbiter.id), LoadEstate(FakeUnitsOfWork(), FakeClock())
    assert load(known).warnings == load(known).warnings != ()
