"""Channels that were set up survive a restart, and a backup with its keys; without the keys their secrets are entered again."""

from __future__ import annotations

import pytest

from cloud.adapters.backup import back_up, restore
from cloud.adapters.clock import SystemClock
from cloud.adapters.notify.fitting import ChannelFitting
from cloud.application.channel_ports import ChannelTools
from cloud.application.estates.sign_in import Identity
from cloud.application.identifiers import RandomIds
from cloud.application.rosters.keep_channels import Given, KeepChannels
from cloud.domain.community.access import Purpose
from cloud.domain.community.channel_setup import Form
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.settings import load_settings
from cloud.state import open_state, seal_of

CHIEF = Identity(
    Member("chief", "operator", Names("主管", "Chief"), Role.ADMINISTRATOR), Purpose.SESSION, frozenset(), ()
)
SMS = Given(
    Form.GATEWAY, {"url": "https://sms.example.org", "body": "${secret}", "callback": {}}, {"secret": "k3y-of-sms"}
)


def untold(*_said):
    pass


@pytest.fixture
def settings(tmp_path):
    """Of a cloud on which a channel was set up, and which has ended."""
    settings = load_settings(data=tmp_path / "data")
    state, clock = open_state(settings), SystemClock()
    tools = ChannelTools(seal_of(settings), ChannelFitting(clock.now))
    KeepChannels(state.units, clock, RandomIds(), state.known_channels, tools).set_up("pager", SMS, CHIEF)
    state.close()
    return settings


def reached(settings):
    """By which channels anybody can be reached, and the secrets that open."""
    state = open_state(settings)
    try:
        return (
            state.means().kinds,
            state.means().rings,
            {kind: one.secrets for kind, one in state.known_channels.all().items()},
        )
    finally:
        state.close()


WORKS = ({"pager"}, {"pager"}, {"pager": {"secret": "k3y-of-sms"}})


def test_a_restart_changes_nothing(settings):
    assert reached(settings) == WORKS


@pytest.mark.parametrize("keys", [True, False])
def test_a_backup_brings_them_back_and_without_its_keys_all_but_the_secrets(settings, tmp_path, keys):
    back_up(settings, tmp_path / "copy", clock=SystemClock(), told=untold, keys=keys)
    elsewhere = load_settings(data=tmp_path / "elsewhere")
    restore(elsewhere, tmp_path / "copy", replace=False, clock=SystemClock(), told=untold)
    assert reached(elsewhere) == (WORKS if keys else (set(), set(), {"pager": None}))


def test_what_the_file_names_goes_before_what_was_set_up(settings, tmp_path):
    named = load_settings(data=tmp_path / "data", notify={"channels": {"pager": "feishu://{address}"}})
    kinds, rings, _ = reached(named)
    assert (kinds, rings) == ({"pager"}, set()), "the one of the file, which rings nobody"
