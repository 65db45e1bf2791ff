"""Signing in, estates of one's own, the register, and loading it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import LINK_LASTS, SESSION_LASTS, SignIn
from cloud.application.identifiers import RandomIds
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.records.ledger_chain import verify
from cloud.errors import Invalid, NotFound, Unauthenticated
from tests.fakes.estate import ESTATE, HOME, description


@pytest.fixture
def sign_in(scene):
    return SignIn(scene.units, scene.clock)


def test_a_link_opens_a_session_and_a_session_opens_pages(scene, sign_in):
    link = sign_in.issue_link("manager")
    session = sign_in.enter(link.token)
    who = sign_in.identify(session.token)
    assert (who.member.id, who.purpose, who.estates) == ("manager", Purpose.SESSION, (ESTATE,))


def test_a_link_opens_nothing_but_a_session(sign_in):
    link = sign_in.issue_link("manager")
    with pytest.raises(Unauthenticated):
        sign_in.identify(link.token)


def test_only_the_hash_of_a_token_is_kept(scene, sign_in):
    link = sign_in.issue_link("manager")
    assert link.token not in str(scene.units.memory.keys)
    assert link.key.hash in scene.units.memory.keys


def test_links_and_sessions_end(scene, sign_in):
    link = sign_in.issue_link("manager")
    session = sign_in.enter(link.token)
    scene.clock.advance(seconds=SESSION_LASTS.total_seconds())
    with pytest.raises(Unauthenticated):
        sign_in.identify(session.token)
    scene.clock.advance(seconds=LINK_LASTS.total_seconds())
    with pytest.raises(Unauthenticated):
        sign_in.enter(link.token)


def test_leaving_ends_the_session_and_twice_does_no_harm(sign_in):
    session = sign_in.enter(sign_in.issue_link("manager").token)
    sign_in.leave(session.token)
    sign_in.leave(session.token)
    sign_in.leave("unknown")
    with pytest.raises(Unauthenticated):
        sign_in.identify(session.token)


def test_an_api_token_carries_its_scopes_and_may_last(scene, sign_in):
    issued = sign_in.issue_api_token("engineer", label="export", scopes=["read"])
    scene.clock.advance(days=400)
    who = sign_in.identify(issued.token, Purpose.API)
    assert (who.scopes, issued.key.label) == (frozenset({"read"}), "export")


def test_nobody_gets_a_link_for_somebody_unknown(sign_in):
    with pytest.raises(NotFound):
        sign_in.issue_link("nobody")


def test_a_member_who_left_the_register_is_let_in_no_more(scene, sign_in):
    issued = sign_in.issue_api_token("clerk")
    without = tuple(member for member in description().members if member.id != "clerk")
    LoadEstate(scene.units, scene.clock)(replace(description(), members=without))
    with pytest.raises(Unauthenticated, match="unknown, expired or revoked"):
        sign_in.identify(issued.token)


def identity(sign_in, member):
    return sign_in.identify(sign_in.issue_api_token(member).token)


def foreign(scene):
    """A second estate with a party of its own."""
    there = replace(
        description(),
        estate=replace(description().estate, id="other", place_id="street/other", fallback_party_id="others"),
        places=(description().places[0], replace(description().places[3], id="street/other")),
        parties=(Party("others", PartyKind.PROPERTY_MANAGER, Names("别的物业", "Others"), ("street/other",)),),
        members=(Member("outsider", "others", Names("外人", "Outsider"), Role.MANAGER),),
        nodes=(),
        equipment=(),
        duties=(),
    )
    LoadEstate(scene.units, scene.clock)(there)


def test_an_estate_one_has_nothing_to_do_with_does_not_exist(scene, sign_in):
    foreign(scene)
    scene.rings("fire.smoke", "b1/smoke-1")
    task, outsider = scene.only_task(), identity(sign_in, "outsider")
    assert outsider.estates == ("other",)
    for ask in (
        lambda: scene.queries.board(ESTATE, outsider),
        lambda: scene.queries.task(task.id, outsider),
        lambda: scene.queries.incident(task.incident_id, outsider),
        lambda: scene.queries.nodes(ESTATE, outsider),
        lambda: scene.queries.ledger_since(ESTATE, 0, outsider),
    ):
        with pytest.raises(NotFound):
            ask()
    assert [estate.id for estate in scene.queries.estates(outsider)] == ["other"]
    assert [estate.id for estate in scene.queries.estates(None)] == [ESTATE, "other"]
    assert scene.queries.dead_letters(outsider) == []


def test_a_board_knows_whose_it_is_and_what_they_may_do(scene, sign_in):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.rings("access.held-open", "b1/door")
    of_the_firm = scene.queries.board(ESTATE, identity(sign_in, "technician"))
    assert [(task.hazard, task.mine, "acknowledge" in task.allowed) for task in of_the_firm.tasks] == [
        ("lift.entrapment", True, True),
    ]
    board = scene.queries.board(ESTATE, identity(sign_in, "watch"))
    assert [(task.hazard, task.mine, "acknowledge" in task.allowed) for task in board.tasks] == [
        ("lift.entrapment", False, False),
        ("access.held-open", False, False),
    ]
    assert (board.nodes_total, board.nodes_online, board.equipment["lift"]) == (2, 0, 2)
    assert board.seq == scene.ledger()[-1].seq


def test_an_incident_page_has_everything_its_parties_need(scene):
    scene.rings("lift.entrapment", "b1/lift-1", point="alarm-button", value=True, threshold=3.0)
    view = scene.incident(scene.only_task())
    assert (view.duty_id, view.duty_version) == ("lift-entrapment", 1)
    assert "64, 66" in view.basis.en
    assert [call.phone for call in view.call_sheet] == ["96333", "119"]
    assert "示例小区1号楼1号梯" in view.call_sheet[0].words.zh
    assert [line.kind for line in view.timeline] == ["alert.fired", "incident.opened", "task.routed"]
    assert (view.alerts[0].point, view.alerts[0].value, view.alerts[0].threshold) == ("alarm-button", "True", 3.0)
    assert view.trace[0].subject == "lift-entrapment"


def test_the_ledger_is_read_on_from_where_one_stopped(scene):
    scene.rings("access.held-open", "b1/door")
    first = scene.queries.ledger_since(ESTATE, 0, None, limit=2)
    rest = scene.queries.ledger_since(ESTATE, first.seq, None)
    seqs = [line.seq for line in (*first.lines, *rest.lines)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert scene.queries.ledger_since(ESTATE, rest.seq, None).lines == []
    assert scene.queries.ledger_head(ESTATE, None).seq == rest.seq
    assert all(line.text.zh and line.text.en and line.actor_names.en for line in (*first.lines, *rest.lines))


def test_the_register_can_be_read(scene):
    scene.rings("access.held-open", "b1/door")
    queries = scene.queries
    assert {place.address.zh for place in queries.places(ESTATE, None)} >= {"示例小区1号楼2层"}
    assert {party.id for party in queries.parties(ESTATE, None)} >= {"property", "fire-119"}
    assert {item.id: item.firing for item in queries.equipment(ESTATE, None)}["b1/door"] == 1
    assert {duty.id for duty in queries.duties(ESTATE, None)} >= {"lift-entrapment", "access"}
    assert queries.register(ESTATE, None).estate.id == ESTATE
    assert queries.task(scene.only_task().id, None).address.en == "North door, Building 1"


def test_unknown_tasks_and_incidents_are_not_found(scene):
    with pytest.raises(NotFound):
        scene.queries.task("x", None)
    with pytest.raises(NotFound):
        scene.queries.incident("x", None)


def test_closed_tasks_page_backward(scene):
    for door in ("b1/door", "b2/door"):
        number = scene.rings("access.held-open", door)
        scene.falls_quiet("access.held-open", door, number)
    scene.passes(minutes=2)
    scene.passes(minutes=30)
    last, first = scene.over() if len(scene.over()) == 2 else (None, None)
    assert last is not None
    assert scene.queries.tasks(ESTATE, None, closed=True, before=(first.closed_at, first.id)) == []
    assert len(scene.queries.tasks(ESTATE, None, closed=True, limit=1)) == 1


def test_loading_the_same_again_changes_nothing(scene):
    again = LoadEstate(scene.units, scene.clock)(description())
    assert (again.changed, again.version) == (False, 1)


def test_a_changed_description_is_a_new_version_and_running_tasks_keep_their_duty(scene):
    scene.rings("access.held-open", "b1/door")
    changed = tuple(
        replace(duty, tto=timedelta(minutes=1)) if duty.id == "access" else duty for duty in description().duties
    )
    loaded = LoadEstate(scene.units, scene.clock)(replace(description(), duties=changed))
    assert (loaded.changed, loaded.version) == (True, 2)
    assert scene.incident(scene.only_task()).duty_version == 1
    scene.rings("access.held-open", "b2/door")
    assert {scene.incident(task).duty_version for task in scene.board()} == {1, 2}
    assert verify(scene.ledger()) is None


def test_a_party_responsible_for_an_open_task_cannot_vanish(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    parties = tuple(party for party in description().parties if party.id != "lift-firm")
    members = tuple(member for member in description().members if member.party_id != "lift-firm")
    with pytest.raises(Invalid, match="lift-firm"):
        LoadEstate(scene.units, scene.clock)(replace(description(), parties=parties, members=members))


def test_a_party_that_left_is_still_shown_in_what_it_took_part_in(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    parties = tuple(party for party in description().parties if party.id != "committee")
    members = tuple(member for member in description().members if member.party_id != "committee")
    LoadEstate(scene.units, scene.clock)(replace(description(), parties=parties, members=members))
    assert "committee" in {a.party.names.en for a in scene.only_task().assignments}


def test_what_describes_no_estate_changes_nothing(scene):
    with pytest.raises(Invalid, match="fallback"):
        LoadEstate(scene.units, scene.clock)(
            replace(description(), estate=replace(description().estate, fallback_party_id="x"))
        )
    assert scene.queries.register(ESTATE, None).version == 1
    assert scene.queries.register(ESTATE, None).estate.place_id == HOME


def test_ids_never_go_backward_even_when_the_clock_does(scene):
    ids = RandomIds()
    now = scene.clock.now()
    given = [ids.new(now - timedelta(seconds=n)) for n in range(50)]
    assert given == sorted(given)
    assert len(set(given)) == 50
