"""Files bring an estate in: everything or nothing, the same again without effect, and out again unchanged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.adapters.estate_file.files import Files
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.estates.import_estate import GivenFile, ImportEstate
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.community.roster import Override, Roster, Shift
from cloud.domain.duties.amending import described
from cloud.domain.duties.upkeep import Upkeep
from cloud.errors import Invalid, NotAllowed, NotFound, Refused
from tests.fakes.clocks import START, FakeClock
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.estate import description as neighbourhood
from tests.fakes.state import fresh_state


@pytest.fixture
def units(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    units = SqlUnitsOfWork(engine)
    shifts = (Shift(("guard",), START.time(), START.time(), since=date(2026, 1, 1)),)
    rosters = (Roster("gate", ESTATE, "property", Names("门岗", "Gate"), shifts=shifts, laid=True),)
    upkeep = (Upkeep(ESTATE, "b1/lift-1", date(2026, 11, 1), date(2027, 1, 1)),)
    LoadEstate(units, FakeClock())(replace(neighbourhood(), rosters=rosters, upkeep=upkeep))
    yield units
    engine.dispose()


@pytest.fixture
def files(units):
    return ImportEstate(units, FakeClock(), Files)


def csv(name: str, text: str) -> GivenFile:
    return GivenFile(name, text.encode())


def register(units):
    with units.reading() as uow:
        return uow.registers.find(ESTATE)


def told(units):
    with units.reading() as uow:
        return [entry.kind for entry in uow.ledger.since(ESTATE, 0)]


def test_what_goes_out_comes_in_again_unchanged(units, files):
    before, entries = register(units), told(units)
    out = files.export(ESTATE, None)
    for names in (["estate.yaml"], [name for name in out if name.endswith(".csv")]):
        done = files(ESTATE, [GivenFile(name, out[name]) for name in names], None)
        assert (done.changes, done.version) == ((), before.version)
    assert register(units) == before or described(register(units)) == described(before)
    assert told(units) == entries


def test_a_whole_estate_comes_into_an_empty_database_and_goes_out_the_same(tmp_path, files):
    out = files.export(ESTATE, None)
    engine = fresh_state(tmp_path / "other.db")
    other = ImportEstate(SqlUnitsOfWork(engine), FakeClock(), Files)
    done = other(None, [GivenFile("estate.yaml", out["estate.yaml"])], None)
    assert (done.estate, done.version) == (ESTATE, 1)
    assert other.export(ESTATE, None) == out
    engine.dispose()


def test_tables_add_and_edit_and_leave_the_rest_and_the_second_time_nothing_happens(units, files):
    tables = [
        csv("places.csv", f"id,kind,zh,en\n{HOME}/b3,building,3号楼,\n"),
        csv("equipment.csv", f"id;kind;place;zh\nb3/lift-1;lift;{HOME}/b3;客梯\nb1/door;access_gate;{HOME}/b1;后门\n"),
        csv("duties.csv", "id,like,place,tto\naccess,,,7 min\naccess-b3,access," + f"{HOME}/b3,2 min\n"),
    ]
    first = files(ESTATE, tables, None)
    known = register(units)
    assert known.equipment["b3/lift-1"].names == Names("客梯", "客梯")
    assert known.equipment["b1/door"].node_id is None, "a row says everything of its thing"
    assert known.equipment["b2/door"].node_id == "b2-node"
    rows = {duty.id: duty for duty in known.matrix.duties}
    assert rows["access-b3"].ladder == rows["access"].ladder, "what a table has no column for is that of the row named"
    assert {one.table for one in first.changes} == {"places", "equipment", "duties"}
    assert files(ESTATE, tables, None).changes == ()
    assert register(units).version == first.version


def test_a_trial_says_the_same_and_changes_nothing(units, files):
    table = [csv("places.csv", f"id,kind,zh\n{HOME}/b3,building,3号楼\n")]
    before, entries = register(units).version, told(units)
    tried = files(ESTATE, table, None, dry_run=True)
    assert (tried.tried, register(units).version, told(units)) == (True, before, entries)
    done = files(ESTATE, table, None)
    assert (done.changes, done.version) == (tried.changes, tried.version)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("places.csv", "id,kind,zh\nx,strt,a\n", "places.csv, line 2, column kind: Input should be 'street'"),
        ("places.csv", "id,kind,zh\n\n# remark\n,floor,a\n", "places.csv, line 4, column id: fill this cell in"),
        ("places.csv", "id,zh\nx,a\n", "places.csv, line 1, column kind: it is missing"),
        ("places.csv", "id,kind,zh,colour\nx,floor,a,red\n", "places.csv, line 1, column colour: nobody knows it"),
        ("places.csv", "id,kind,zh\nx,floor,a,b\n", "places.csv, line 2, column 4: there is no heading"),
        ("equipment.csv", "id,kind,place,zh\na/b,lift,nowhere,c\n", "equipment.csv, line 2, column place: equipment 'a/b'"),
        ("members.csv", 'id,party,zh\na,property,"two\nlines"\nb,nobody,c\n', "members.csv, line 4, column party: member 'b'"),
        ("duties.csv", "id,like,tto\nnew,nothing,1 min\n", "duties.csv, line 2, column like: duty 'new': like must name"),
        ("places.csv", f"id,kind,zh\n{HOME}/x,building,a\n{HOME}/x,building,b\n", "line 3, column id: place '.*' stands in places.csv, line 2"),
        ("more.yaml", "places:\n  - {id: x, kind: floor, zh: a, en: b, color: red}\n", "more.yaml, line 2, column .*: places\\[0\\] 'x'.color: nobody knows"),
        ("more.yaml", "places:\n  - {id: x\n", "more.yaml, line 3, column 1: "),
        ("more.yaml", "nodes:\n  - {id: n, place: nowhere, zh: a, en: b}\n", "more.yaml, line 2, column 5: node 'n': place 'nowhere'"),
        ("what.csv", "a,b\n1,2\n", "what.csv: call the file places.csv"),
        ("places.csv", "", "places.csv, line 1: write the names of the columns"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_line_and_column_and_nothing_is_taken(units, files, name, text, says):
    good = csv("nodes.csv", f"id,place,zh\nnew-node,{HOME}/b2,新节点\n")
    before, entries = described(register(units)), told(units)
    with pytest.raises(Invalid) as wrong:
        files(ESTATE, [good, csv(name, text)], None)
    assert any(re.search(says, problem) for problem in wrong.value.problems), wrong.value.problems
    assert (described(register(units)), told(units)) == (before, entries)


def test_spreadsheets_of_china_are_read(files, units):
    table = f"编号,类型,位置,名称\nb2/lift-9,lift,{HOME}/b2,货梯\n".encode("gb18030")
    files(ESTATE, [GivenFile("equipment-2026.csv", table)], None)
    assert register(units).equipment["b2/lift-9"].names.zh == "货梯"


def test_channels_overrides_and_who_was_asked_in_stay(units, files):
    out = files.export(ESTATE, None)
    asked_in = Member("m-new", "property", Names("新人", "New"), Role.RESPONDER)
    with units.writing() as uow:
        uow.contacts.replace("guard", [Contact("guard", "sms", "13800000001", laid=True)])
        roster = uow.registers.find(ESTATE).rosters[0]
        uow.rosters.save(roster.with_override(Override("o-1", START, START.replace(hour=23), ("manager",))))
        uow.accounts.add_member(asked_in, [ESTATE])
        uow.commit()
    changed = out["estate.yaml"].replace("示例小区".encode(), "滨海花园".encode())
    files(ESTATE, [GivenFile("estate.yaml", changed)], None)
    with units.reading() as uow:
        assert [one.address for one in uow.contacts.of("guard")] == ["13800000001"]
        assert uow.accounts.added_members(ESTATE) == {"m-new"}
    known = register(units)
    assert known.estate.names.zh == "滨海花园"
    assert [one.id for one in known.rosters[0].overrides] == ["o-1"]
    assert "m-new" in known.members
    again = files.export(ESTATE, None)
    assert files(ESTATE, [GivenFile("estate.yaml", again["estate.yaml"])], None).changes == ()
    with units.reading() as uow:
        assert uow.accounts.added_members(ESTATE) == {"m-new"}, "and is still nobody whom a file has named"


def test_only_an_administrator_of_that_estate_may(files):
    def who(role, *estates):
        return Identity(Member("x", "property", Names("x", "x"), role), Purpose.SESSION, frozenset(), estates)

    table = [csv("places.csv", f"id,kind,zh\n{HOME}/b3,building,3号楼\n")]
    with pytest.raises(NotAllowed):
        files(ESTATE, table, who(Role.MANAGER, ESTATE))
    with pytest.raises(NotFound):
        files(ESTATE, table, who(Role.ADMINISTRATOR, "elsewhere"))
    with pytest.raises(NotFound):
        files.export(ESTATE, who(Role.ADMINISTRATOR, "elsewhere"))
    with pytest.raises(Refused):
        files(ESTATE, [], who(Role.ADMINISTRATOR, ESTATE))
    assert files(ESTATE, table, who(Role.ADMINISTRATOR, ESTATE), dry_run=True).changes


def test_a_tangle_of_references_is_refused(files):
    bomb = "b0: &b0 [x]\n" + "\n".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 9))
    with pytest.raises(Invalid, match="too much is repeated by reference"):
        files(ESTATE, [csv("more.yaml", bomb)], None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12))
def test_whatever_things_are_called_comes_in_again_unchanged(name):
    known = described(neighbourhood().register(1))
    odd = replace(known, parties=tuple(replace(one, names=Names(name, name)) for one in known.parties))
    out = Files().write(odd)
    for file in ("estate.yaml", "parties.csv"):
        read = Files().read([GivenFile(file, out[file])], ESTATE)
        parties = read.whole.parties if read.whole else read.amendment.parties
        assert {one.names.zh for one in parties} == {name}
