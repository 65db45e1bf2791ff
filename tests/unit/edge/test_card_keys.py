"""The key for card numbers is replaced without closing a door to anybody."""

from __future__ import annotations

import secrets
import stat

import pytest
from typer.testing import CliRunner

from edge.__main__ import app
from edge.adapters.card_key import card_keys, rotate
from edge.domain.access_gate import AccessGateInterpreter
from edge.domain.credentials import CardKeys, credential_of
from edge.domain.signals import AccessDecision, CardPresented
from edge.domain.wiegand import Card
from edge.errors import SettingsError
from edge.settings import example_toml
from schemas.equipment import AccessGate

CARD = Card(12, 34567)


def decided(gate, card):
    return [one for one in gate.observe(card, 100.0) if isinstance(one, AccessDecision)]


def test_a_key_is_made_where_there_is_none_and_read_again(tmp_path):
    made = card_keys(tmp_path / "card.key")
    assert made.previous is None
    assert card_keys(tmp_path / "card.key") == made
    assert stat.S_IMODE((tmp_path / "card.key").stat().st_mode) == 0o600


def test_who_comes_while_another_makes_the_key_never_sees_half_of_it(tmp_path, monkeypatch):
    """Two nodes of one card start at once: at any moment the file is whole or is not there."""
    path, seen, make = tmp_path / "card.key", [], secrets.token_hex

    def another_comes(length: int) -> str:
        monkeypatch.setattr(secrets, "token_hex", make)
        seen.append(card_keys(path))
        return make(length)

    monkeypatch.setattr(secrets, "token_hex", another_comes)
    assert card_keys(path) == seen[0], "both use the key that was there first"
    assert [file.name for file in tmp_path.iterdir()] == ["card.key"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rotating_keeps_the_key_before_and_forgets_the_one_before_that(tmp_path):
    path = tmp_path / "card.key"
    first = card_keys(path)
    assert rotate(path) is False
    second = card_keys(path)
    assert second.previous == first.current
    assert second.current != first.current
    assert rotate(path) is True
    assert card_keys(path).previous == second.current
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["card.key"]


@pytest.mark.parametrize("content", ["", "short\n", "a" * 64 + "\nshort\n", "é" * 64])
def test_a_file_that_is_no_use_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "card.key"
    path.write_text(content, encoding="utf-8")
    for use in (card_keys, rotate):
        with pytest.raises(SettingsError):
            use(path)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_that_takes_nothing_leaves_the_key_as_it_is(tmp_path):
    path = tmp_path / "card.key"
    before = card_keys(path)
    (tmp_path / "card.key.new").mkdir()
    with pytest.raises(SettingsError, match="stays as it was"):
        rotate(path)
    assert card_keys(path) == before


def test_after_a_rotation_a_gate_knows_the_cards_it_lists_and_reports_them_by_the_new_key():
    old, new = b"a" * 64, b"b" * 64
    gate = AccessGate(kind="access_gate", id="b1/gate-1", contact={"pin": 4}, credentials=[credential_of(CARD, old)])
    keys = CardKeys(new, old)
    shown = CardPresented(keys.credential(CARD), keys.formerly(CARD))
    (decision,) = decided(AccessGateInterpreter(gate), shown)
    assert (decision.kind, decision.credential) == ("access.granted", credential_of(CARD, new))
    (decision,) = decided(AccessGateInterpreter(gate), CardPresented(CardKeys(new).credential(CARD)))
    assert decision.kind == "access.denied"


def test_a_gate_that_lists_nobody_lets_nobody_in_for_want_of_a_key_before():
    gate = AccessGate(kind="access_gate", id="b1/gate-1", contact={"pin": 4})
    (decision,) = decided(AccessGateInterpreter(gate), CardPresented(CardKeys(b"a" * 64).credential(CARD)))
    assert decision.kind == "access.denied"


def test_it_is_rotated_from_the_command_line(tmp_path):
    config = tmp_path / "node.toml"
    config.write_text(example_toml(), encoding="utf-8")
    asked = ["card-key", "rotate", "--config", str(config)]
    none = CliRunner().invoke(app, asked)
    assert (none.exit_code, "there is no card key yet" in none.output) == (1, True)
    before = card_keys(tmp_path / "card.key")
    once = CliRunner().invoke(app, asked)
    assert (once.exit_code, "forgotten" in once.output) == (0, False)
    assert "forgotten" in CliRunner().invoke(app, asked).output
    assert before.current.decode() not in (tmp_path / "card.key").read_text(encoding="ascii")
    told = CliRunner().invoke(app, ["credential", "12", "34567", "--config", str(config)])
    assert told.output.strip() == card_keys(tmp_path / "card.key").listed(CARD)
