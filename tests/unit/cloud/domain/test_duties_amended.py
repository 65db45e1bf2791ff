"""A row of the matrix that a table changes: what it has no column for stays, and belongs to what it was said of."""

from __future__ import annotations

from cloud.domain.community.names import Names
from cloud.domain.duties.amending import DutyEdit
from tests.fakes.estate import register


def test_whether_the_text_of_a_law_was_seen_is_said_of_that_basis_and_of_no_other():
    rows = {row.id: row for row in register().matrix.duties}
    known = rows["lift-danger"]
    assert known.basis_seen is True
    assert DutyEdit(known.id, given={"tto": known.ttr}).applied(rows).basis_seen is True
    assert DutyEdit(known.id, given={"basis": known.basis}).applied(rows).basis_seen is True
    assert DutyEdit(known.id, given={"basis": Names("别的", "another")}).applied(rows).basis_seen is None
    assert DutyEdit("own", like=known.id, given={"basis": Names("别的", "another")}).applied(rows).basis_seen is None
