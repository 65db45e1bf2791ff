"""Alarms → topic → ballot → task → effect, over the interface, by the people who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from cloud.application.consultation.run_consultation import RunConsultation
from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.identifiers import RandomIds
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from tests.integration.cloud_web.house import House
from tests.integration.cloud_web.house_register import ESTATE, HOME

API = "/api/v1"
LIFT = "b3/lift-2"
OWNERS = {"o1": "100.00", "o2": "100.00", "o3": "100.00", "o4": "60.50"}


@pytest.fixture
def people(house: House):
    """The house with an owners' committee of two and two owners who sign in."""
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        parties = {
            "owners": Party("owners", PartyKind.OWNERS_COMMITTEE, Names("业主委员会", "Owners' committee"), (HOME,)),
            "home": Party("home", PartyKind.HOUSEHOLD, Names("住户", "Households"), (HOME,)),
        }
        members = [
            Member("chair", "owners", Names("主任", "Chair"), Role.MANAGER),
            Member("secretary", "owners", Names("秘书", "Secretary"), Role.MANAGER),
            Member("owner-1", "home", Names("业主一", "Owner 1"), Role.RESIDENT),
            Member("owner-2", "home", Names("业主二", "Owner 2"), Role.RESIDENT),
        ]
        grown = replace(
            register,
            version=5,
            parties={**register.parties, **parties},
            members={**register.members, **{one.id: one for one in members}},
            _by_closeness={},
        )
        uow.registers.store(grown, "with owners")
        uow.commit()
    return house


class Interface:
    """The interface, spoken to as a member."""

    def __init__(self, house: House, client: httpx.Client) -> None:
        self._house, self._client = house, client
        self._tokens: dict[str, str] = {}

    def ask(self, member: str, method: str, path: str, body: object = None, expect: int = 200, **query: str):
        if member not in self._tokens:
            self._tokens[member] = self._house.api_token_of(member)
        headers = {"authorization": f"Bearer {self._tokens[member]}"}
        answer = self._client.request(method, f"{API}{path}", json=body, params=query, headers=headers)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def get(self, member: str, path: str, **query: str):
        return self.ask(member, "GET", path, **query)

    def post(self, member: str, path: str, body: object = None, expect: int = 200):
        return self.ask(member, "POST", path, body, expect)


@pytest.fixture
def interface(people, visitor):
    return Interface(people, visitor)


def a_topic(house: House, interface: Interface) -> str:
    for hazard in ("lift.door-fault", "lift.maintenance-overdue", "lift.inspection-due"):
        house.goes_wrong(hazard, LIFT)
        house.clock.pass_by(timedelta(hours=1))
    assert WatchPatterns(house.units, house.clock, RandomIds())() == 1
    (topic,) = interface.get("tenant", "/topics")
    return topic["id"]


def a_ballot(house: House, interface: Interface, topic: str, matter: str = "use-maintenance-fund") -> str:
    units = [{"unit": f"u-{owner}", "owner": owner, "area_m2": area} for owner, area in OWNERS.items()]
    roll = {"units": units, "members": {"o1": "owner-1", "o2": "owner-2"}}
    interface.ask("chair", "PUT", "/electoral-roll", roll)
    interface.post("chair", f"/topics/{topic}/deliberate")
    proposal = {
        "text": "更换门机",
        "matter": matter,
        "cost": {"minor": 1250000, "currency": "CNY"},
        "payer": "maintenance-fund",
        "party": "lifts",
    }
    made = interface.post("owner-1", f"/topics/{topic}/proposals", proposal, 201)["id"]
    closes = (house.clock.now() + timedelta(days=7)).isoformat()
    interface.post("manager", f"/topics/{topic}/ballots", {"proposal": made, "closes_at": closes}, 403)
    return interface.post("chair", f"/topics/{topic}/ballots", {"proposal": made, "closes_at": closes}, 201)["id"]


def time_passes(house: House, **span: float) -> None:
    house.time_passes(timedelta(**span))
    RunConsultation(house.units, house.clock, RandomIds())()


def test_one_chain_visible_end_to_end(people, interface, visitor):
    topic = a_topic(people, interface)
    ballot = a_ballot(people, interface, topic)
    assert WatchPatterns(people.units, people.clock, RandomIds())() == 0
    interface.post("owner-1", f"/ballots/{ballot}/votes", {"choice": "against"})
    assert interface.post("owner-1", f"/ballots/{ballot}/votes", {"choice": "for"})["mine"] == "for"
    interface.post("owner-2", f"/ballots/{ballot}/votes", {"choice": "for"})
    assert "owners vote" in interface.post("manager", f"/ballots/{ballot}/votes", {"choice": "for"}, 403)["detail"]
    paper = interface.post("chair", f"/ballots/{ballot}/entries", {"owner": "o3", "choice": "against"}, 201)["id"]
    interface.post("manager", f"/ballots/{ballot}/entries", {"owner": "o4", "choice": "for"}, 403)
    refused = interface.post("chair", f"/ballots/{ballot}/entries/{paper}/confirm", expect=403)
    assert "second person" in refused["detail"]
    assert [one["owner"] for one in interface.get("secretary", f"/ballots/{ballot}/entries")] == ["o3"]
    interface.post("secretary", f"/ballots/{ballot}/entries/{paper}/confirm")
    assert interface.get("owner-1", f"/ballots/{ballot}")["result"] is None
    time_passes(people, days=8)
    interface.post("owner-1", f"/ballots/{ballot}/votes", {"choice": "against"}, 409)
    result = interface.get("owner-1", f"/ballots/{ballot}")["result"]
    assert result["outcome"] == "carried"
    assert result["participating"] == {"heads": 3, "area_m2": "300.00"}
    assert result["by_choice"]["for"] == {"heads": 2, "area_m2": "200.00"}
    acting = interface.get("owner-1", f"/topics/{topic}")["topic"]
    assert (acting["state"], acting["outcome"]) == ("acting", "carried")
    task = interface.get("technician", f"/tasks/{acting['resolution_task']}")
    assert (task["hazard"], task["responsible"]["id"]) == ("civic.resolution-due", "lifts")
    trace = interface.get("technician", f"/incidents/{task['incident_id']}")["trace"]
    assert "the owners decided that Lift maintainer leads" in {line["text"]["en"] for line in trace}
    finish(people, interface, task["id"])
    time_passes(people, days=100)
    page = interface.get("owner-1", f"/topics/{topic}")
    assert page["topic"]["state"] == "reviewed"
    assert (page["effect"]["before"]["alarms"], page["effect"]["after"]["alarms"]) == (3, 0)
    assert "The counts do not say why" in page["effect"]["told"]["en"] or "too short" in page["effect"]["told"]["en"]
    chain = interface.get("owner-1", f"/topics/{topic}/chain")["links"]
    assert [link["kind"] for link in chain] == ["alarm", "alarm", "alarm", "topic", "ballot", "task", "effect"]
    assert interface.post("chair", f"/topics/{topic}/close")["topic"]["state"] == "closed"
    for link in chain:
        if link["href"]:
            interface.get("manager", link["href"].removeprefix(API))
    public = visitor.get(f"{API}/public/{ESTATE}/ballots").json()
    assert public[0]["result"] == result
    assert "更换门机" not in str(public)
    assert "owner-1" not in str(public)


def finish(house: House, interface: Interface, task: str) -> None:
    interface.post("technician", f"/tasks/{task}/acknowledge")
    interface.post("technician", f"/tasks/{task}/resolve", {"reason": "fixed"})
    house.time_passes(timedelta(minutes=10))
    interface.post("manager", f"/tasks/{task}/close")


def test_how_somebody_voted_is_nowhere_but_in_the_store_of_votes(people, interface):
    ballot = a_ballot(people, interface, a_topic(people, interface))
    interface.post("owner-1", f"/ballots/{ballot}/votes", {"choice": "abstain"})
    paper = interface.post("chair", f"/ballots/{ballot}/entries", {"owner": "o3", "choice": "abstain"}, 201)["id"]
    interface.post("secretary", f"/ballots/{ballot}/entries/{paper}/confirm")
    entries = interface.get("manager", "/ledger", limit="1000")
    votes = [one for one in entries if "vote" in one["kind"]]
    assert [one["kind"] for one in votes] == ["ballot.vote-cast", "ballot.vote-entered", "ballot.vote-confirmed"]
    assert "abstain" not in str(votes)
    assert "o3" not in str(votes)
    assert all(len(one["data"]["digest"]) == 64 for one in votes)


def test_a_petition_becomes_a_topic_when_enough_have_signed(people, interface):
    terms = interface.get("chair", "/consultation-terms")
    assert terms["rule"]["quorum"] == {"heads": "2/3", "area": "2/3", "inclusive": True}
    interface.ask("manager", "PUT", "/consultation-terms", {**terms, "petition_signatures": 2}, 403)
    own = {**terms, "petition_signatures": 2, "rule": "one-member-one-vote"}
    assert interface.ask("chair", "PUT", "/consultation-terms", own)["rule"]["quorum"] is None
    petition = interface.post("owner-1", "/petitions", {"text": "电动车不要进楼", "equipment": LIFT}, 201)
    assert (petition["signatures"], petition["topic_id"]) == (1, None)
    interface.post("owner-1", f"/petitions/{petition['id']}/sign", expect=409)
    signed = interface.post("tenant", f"/petitions/{petition['id']}/sign")
    page = interface.get("owner-2", f"/topics/{signed['topic_id']}")
    assert page["topic"]["origin"] == "petition"
    assert [one["text"] for one in page["contributions"]] == ["电动车不要进楼"]


def test_words_can_be_erased_and_the_chain_stands(people, interface):
    topic = a_topic(people, interface)
    said = interface.post("owner-1", f"/topics/{topic}/contributions", {"text": "我家在三楼"}, 201)["id"]
    people.services.erase(ESTATE, record=said, actor="system")
    assert interface.get("owner-2", f"/topics/{topic}")["contributions"][0]["text"] is None
    assert "我家在三楼" not in str(interface.get("manager", "/ledger", limit="1000"))


def test_in_an_emergency_the_committee_applies_and_no_vote_is_faked(people, interface):
    topic = a_topic(people, interface)
    wanted = {"ground": "电梯停用，住户被困楼上", "cost": {"minor": 500000}}
    refused = interface.post("officer", f"/topics/{topic}/fund-applications", wanted, 403)
    assert "assembly or committee" in refused["detail"]
    interface.post("chair", f"/topics/{topic}/fund-applications", wanted, 201)
    page = interface.get("tenant", f"/topics/{topic}")
    assert (page["ballots"], page["topic"]["outcome"], len(page["applications"])) == ([], None, 1)


def test_without_a_quorum_nothing_becomes_a_task_and_it_may_be_talked_over_again(people, interface):
    topic = a_topic(people, interface)
    ballot = a_ballot(people, interface, topic)
    interface.post("owner-1", f"/ballots/{ballot}/votes", {"choice": "for"})
    time_passes(people, days=8)
    decided = interface.get("chair", f"/topics/{topic}")["topic"]
    assert (decided["state"], decided["outcome"], decided["resolution_task"]) == ("decided", "no-quorum", None)
    assert interface.post("officer", f"/topics/{topic}/deliberate")["topic"]["state"] == "deliberating"


def test_every_sentence_of_it_is_told_in_both_languages(people, interface):
    a_ballot(people, interface, a_topic(people, interface))
    lines = interface.get("manager", "/ledger/lines", limit="1000")["items"]
    told = {line["kind"]: line["text"] for line in lines}
    assert told["topic.opened"]["zh"] == "议题建立：同一设备反复发生事件（3 项依据）"
    assert told["topic.proposal-made"]["en"].startswith(
        "proposed: using the maintenance fund, Lift maintainer would act"
    )
    assert told["ballot.opened"]["zh"] == "业主委员会发起表决：使用维修资金，4 位业主，规则 civil-code-278"


def signed_in(house: House, visitor: httpx.Client, member: str) -> httpx.Client:
    visitor.cookies.set("tocsin_session", house.session_of(member))
    return visitor


def test_it_works_on_pages_without_a_script(people, interface, visitor):
    topic = a_topic(people, interface)
    owner = signed_in(people, visitor, "owner-1")
    page = owner.get("/topics?lang=zh").text
    assert "2号梯" in page
    assert "同一设备反复发生事件" in page
    assert 'href="/fleet' not in page, "a resident is not led to doors that are closed to them"
    assert owner.post("/petitions?estate=example", data={"text": "电动车不要进楼"}).status_code == 303
    assert "电动车不要进楼" in owner.get("/topics").text
    said = owner.post(f"/topics/{topic}/contributions", data={"text": "<b>门总是夹人</b>"})
    assert (said.status_code, said.headers["location"]) == (303, f"/topics/{topic}")
    assert "&lt;b&gt;门总是夹人&lt;/b&gt;" in owner.get(f"/topics/{topic}").text
    proposal = {
        "text": "更换门机",
        "matter": "use-maintenance-fund",
        "amount": "12500.50",
        "payer": "maintenance-fund",
        "party": "lifts",
    }
    assert owner.post(f"/topics/{topic}/proposals", data={**proposal, "amount": "0.001"}).status_code == 422
    assert owner.post(f"/topics/{topic}/proposals", data=proposal).status_code == 303
    assert "¥12,500.50" in owner.get(f"/topics/{topic}").text
    units = [{"unit": "u1", "owner": "o1", "area_m2": "80"}, {"unit": "u2", "owner": "o2", "area_m2": "70"}]
    interface.ask("chair", "PUT", "/electoral-roll", {"units": units, "members": {"o1": "owner-1"}})
    assert owner.post(f"/topics/{topic}/move", data={"to": "deliberating"}).status_code == 403
    made = interface.get("chair", f"/topics/{topic}")["proposals"][0]["id"]
    chair = signed_in(people, visitor, "chair")
    assert chair.post(f"/topics/{topic}/move", data={"to": "deliberating"}).status_code == 303
    assert f'value="{made}"' in chair.get(f"/topics/{topic}").text
    assert chair.post(f"/topics/{topic}/ballots", data={"proposal": made, "days": "7"}).status_code == 303
    ballot = interface.get("chair", f"/topics/{topic}")["ballots"][0]["id"]
    assert chair.post(f"/ballots/{ballot}/entries", data={"owner": "o2", "choice": "for"}).status_code == 303
    entry = interface.get("chair", f"/ballots/{ballot}/entries")[0]["id"]
    secretary = signed_in(people, visitor, "secretary")
    assert f"/ballots/{ballot}/entries/{entry}/confirm" in secretary.get(f"/topics/{topic}").text
    assert secretary.post(f"/ballots/{ballot}/entries/{entry}/confirm").status_code == 303
    interface.ask("chair", "POST", f"/ballots/{ballot}/entries", {"owner": "o1", "choice": "against"}, 201)
    owner = signed_in(people, visitor, "owner-1")
    assert "A vote was handed in for you" in owner.get(f"/topics/{topic}?lang=en").text
    assert owner.post(f"/ballots/{ballot}/votes", data={"choice": "for"}).status_code == 303
    interface.ask("chair", "POST", f"/ballots/{ballot}/entries", {"owner": "o1", "choice": "against"}, 409)
    assert "Your vote counts as" in owner.get(f"/topics/{topic}?lang=en").text
    assert signed_in(people, visitor, "chair").post(f"/ballots/{ballot}/close").status_code == 303
    visitor.cookies.delete("tocsin_session")
    public = visitor.get("/public/example/ballots?lang=zh").text
    assert "2 位业主，150 平方米" in public
    assert "通过" in public
    assert "更换门机" not in public
    assert visitor.get("/public/nowhere/ballots").status_code == 404


def test_a_page_of_every_stage_can_be_read(people, interface, visitor):
    topic = a_topic(people, interface)
    wanted = {"ground": "住户被困楼上", "cost": {"minor": 500000}}
    interface.post("chair", f"/topics/{topic}/fund-applications", wanted, 201)
    ballot = a_ballot(people, interface, topic)
    interface.post("owner-1", f"/ballots/{ballot}/votes", {"choice": "for"})
    interface.post("owner-2", f"/ballots/{ballot}/votes", {"choice": "for"})
    paper = interface.post("chair", f"/ballots/{ballot}/entries", {"owner": "o3", "choice": "for"}, 201)["id"]
    interface.post("secretary", f"/ballots/{ballot}/entries/{paper}/confirm")
    time_passes(people, days=8)
    finish(people, interface, interface.get("chair", f"/topics/{topic}")["topic"]["resolution_task"])
    time_passes(people, days=100)
    page = signed_in(people, visitor, "chair").get(f"/topics/{topic}?lang=en").text
    for said in ("alarms in the", "3 of 4 owners took part", "carries out the resolution: closed", "No vote was taken"):
        assert said in page
    assert "/incidents/" in page
