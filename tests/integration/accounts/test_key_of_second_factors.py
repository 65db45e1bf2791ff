"""The server's key of second factors is lost, damaged or open: who types a code is told what helps, in their language, and gets in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.accounts.secret_seal import SEAL_FILE, open_seal
from tests.integration.accounts.test_twenty_at_once import PASSWORD, with_codes

ANOTHER = "ab" * 32


@pytest.mark.parametrize(
    ("content", "mode"),
    [(ANOTHER, 0o600), ("no key", 0o600), (ANOTHER, 0o644)],
    ids=["exchanged", "damaged", "open to others"],
)
def test_who_types_a_code_is_told_what_helps_and_a_recovery_code_lets_in(house, visitor, tmp_path, content, mode):
    _, app, recovery = with_codes(house, "manager")
    folder = tmp_path / "after a restart"
    folder.mkdir()
    (folder / SEAL_FILE).write_text(content, encoding="ascii")
    (folder / SEAL_FILE).chmod(mode)
    proving = house.services.accounts.password._proving
    proving.means = replace(proving.means, seal=lambda: open_seal(folder))
    house.clock.pass_by(timedelta(minutes=1))
    form = {"login": "manager", "password": PASSWORD}
    refused = visitor.post("/sign-in?lang=zh", data={**form, "code": app.at(house.clock.now())})
    assert refused.status_code == 422
    assert "服务器管理者" in refused.text
    assert "second factor of" not in refused.text
    assert str(folder) not in refused.text
    assert visitor.post("/sign-in", data={**form, "code": recovery[0]}).status_code == 303
