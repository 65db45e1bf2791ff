"""Whoever first needs the authority makes it: workers at one moment, and after one that died in between."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloud.adapters import authority
from cloud.adapters.authority import open_authority
from cloud.errors import Unavailable
from tests.fakes.at_once import twenty

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)


def test_twenty_who_come_at_once_find_one_authority(tmp_path):
    came = twenty(lambda: open_authority(tmp_path / "authority", now=NOW).fingerprint)
    assert set(came) == {open_authority(tmp_path / "authority", now=NOW).fingerprint}


class _Killed(BaseException):
    """As if the process had been killed there."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_what_one_that_died_began_is_finished(tmp_path, monkeypatch, after):
    kept, written = authority.write_private, []

    def dies(*args, **more):
        if len(written) == after:
            raise _Killed
        kept(*args, **more)
        written.append(args)
        if len(written) == 2 == after:
            raise _Killed

    monkeypatch.setattr(authority, "write_private", dies)
    with pytest.raises(_Killed):
        open_authority(tmp_path, now=NOW)
    monkeypatch.undo()
    made = open_authority(tmp_path, now=NOW).fingerprint
    assert open_authority(tmp_path, now=NOW).fingerprint == made
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ca.crt", "ca.key"]


@pytest.mark.parametrize("gone", ["ca.key", "ca.crt"])
def test_of_one_that_lost_a_file_no_other_is_made(tmp_path, gone):
    open_authority(tmp_path, now=NOW)
    (tmp_path / gone).unlink()
    with pytest.raises(Unavailable, match=f"{gone} is not there: put it back from the backup"):
        open_authority(tmp_path, now=NOW)
    assert not (tmp_path / gone).exists()
