"""What was kept before failures had codes, and rollouts their name, is there after the upgrade as it was."""

from __future__ import annotations

from sqlalchemy import text

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.domain.records.failure import coded, words

MOMENT = "2026-11-26 03:00:00.000000"


def test_reasons_and_rollouts_of_before_are_kept(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    upgrade(engine, "0053")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO dead_letters (id, received_at, topic, reason, payload) VALUES ('d1', :at, 'x', 'no JSON', x'')"
            ),
            {"at": MOMENT},
        )
        connection.execute(
            text(
                "INSERT INTO configurations (estate, node_id, version, digest, body, origin, by, at, reason, detail, deed) "
                "VALUES ('example', 'b1-node', 1, '', '{}', 'console', 'engineer', :at, '', '', 'two-nodes')"
            ),
            {"at": MOMENT},
        )
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT rollout FROM configurations")).scalars().all() == ["two-nodes"]
    with SqlUnitsOfWork(engine).reading() as uow:
        (letter,) = uow.dead_letters.latest()
    assert (letter.reason, coded(letter.reason), words(letter.reason).zh) == ("no JSON", None, "no JSON")
    engine.dispose()
