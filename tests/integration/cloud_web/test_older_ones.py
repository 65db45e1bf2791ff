"""Lists that are longer than a page: the newest first, the older ones behind a link, by the interface behind a cursor."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from cloud.application.tasks.planned import SHOWN
from cloud.domain.consultation.ballot import Ballot
from cloud.domain.consultation.majorities import ONE_MEMBER_ONE_VOTE
from cloud.domain.consultation.petition import Petition
from cloud.domain.consultation.proposal import Cost, MatterKind, Payer, Proposal
from cloud.domain.consultation.topic import Origin, Topic, TopicState
from cloud.domain.fleet.boot_time import BootTime
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.domain.records.patrol import Patrol, Round
from cloud.entrypoints.api import exported_neighbours
from cloud.entrypoints.web.older import AT_ONCE
from schemas.topics import NodeAddress
from tests.integration.cloud_web.house import ESTATE, House

API = f"/api/v1/estates/{ESTATE}"
MANY = 2 * AT_ONCE + 3
DAY = timedelta(days=1)


@pytest.fixture
def client(house: House, address: str) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {house.api_token_of('manager')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        yield client


def keeps(house: House, keep: Callable) -> None:
    with house.units.writing() as uow:
        for number in range(MANY):
            # Two of each moment.
            keep(uow, f"{number:03}", house.clock.now() - (number // 2) * DAY)
        uow.commit()


def over_rest(client: httpx.Client, path: str) -> list[dict]:
    found, where = [], path
    while where:
        answer = client.get(where)
        assert answer.status_code == 200, answer.text
        found += answer.json()
        where = answer.links.get("next", {}).get("url")
    return found


def turned(client: httpx.Client, path: str, name: str, marks: str) -> list[list[str]]:
    """What of `marks` stands on each page, by following its link to the older ones."""
    found, where = [], path
    while where:
        answer = client.get(where)
        assert answer.status_code == 200, answer.text
        found.append(re.findall(marks, answer.text))
        link = re.search(rf'href="([^"]*[?&;]{name}=[^"#]*)#{name}"', answer.text)
        where = html.unescape(link[1]) if link else None
    return found


def test_patrols(house, client):
    points = ("b3/lift-2",)
    keeps(house, lambda uow, n, at: uow.patrols.put(Patrol(n, ESTATE, "property", "guard", at, Round.DAILY, points)))
    assert [one["id"] for one in over_rest(client, f"{API}/patrols?limit=50")] == sorted_ids()
    assert [len(page) for page in turned(client, "/patrols?lang=en", "walked", r"<li><p><strong>")] == [50, 50, 3]


@pytest.mark.parametrize("sort", ["exercises", "windows"])
def test_what_is_planned_and_what_runs_is_always_on_the_first_page(house, client, sort):
    ahead = (MANY + 10) * DAY

    def keep(uow, number, at):
        begins = at + ahead
        if sort == "exercises":
            uow.exercises.save(
                Exercise(number, ESTATE, "property", "manager", ("b3/lift-2",), {}, begins, begins + DAY / 24)
            )
        else:
            uow.windows.save(
                Window(number, ESTATE, "property", "manager", begins, begins + DAY / 24, "repair", ("b3/lift-2",))
            )

    keeps(house, keep)
    now = house.clock.now()
    with house.units.writing() as uow:
        if sort == "exercises":
            uow.exercises.save(
                Exercise("running", ESTATE, "property", "manager", ("b3/lift-2",), {}, now, now + DAY / 24)
            )
        else:
            uow.windows.save(
                Window("running", ESTATE, "property", "manager", now, now + DAY / 24, "repair", ("b3/lift-2",))
            )
        uow.commit()
    path = "exercises" if sort == "exercises" else "maintenance-windows"
    assert [one["id"] for one in over_rest(client, f"{API}/{path}?limit=50")] == [*sorted_ids(), "running"]
    pages = turned(client, "/planned?lang=en", sort, rf'/planned/{sort}/([^/"]+)/end')
    assert pages[0][0] == "running"
    assert [len(page) for page in pages[:3]] == [SHOWN + 1, SHOWN, SHOWN]
    assert sorted(one for page in pages for one in set(page)) == sorted([*sorted_ids(), "running", "running"])


def test_an_exercise_that_runs_stands_on_the_board_however_many_are_planned(house, client):
    def keep(uow, number, at):
        begins = at + (MANY + 10) * DAY
        uow.exercises.save(
            Exercise(number, ESTATE, "property", "manager", ("b3/lift-2",), {}, begins, begins + DAY / 24)
        )

    keeps(house, keep)
    now = house.clock.now()
    with house.units.writing() as uow:
        uow.exercises.save(Exercise("running", ESTATE, "property", "manager", ("b3/lift-2",), {}, now, now + DAY / 24))
        uow.commit()
    ahead = house.services.assurance.planned.ahead(ESTATE, house.identity("manager"))
    assert [one.id for one in ahead] == ["running"]


def test_topics_petitions_and_ballots(house, client, monkeypatch):
    proposal = Proposal(
        "x", "manager", house.clock.now(), MatterKind.ORDINARY, Cost(100, "CNY"), Payer.PROPERTY_MANAGER, "property"
    )

    def keep(uow, number, at):
        topic = Topic(f"t{number}", ESTATE, f"key-{number}", Origin.PETITION, at, proposals=(proposal,))
        if int(number) % 3 == 0:
            topic.enter(TopicState.WITHDRAWN, at)
        uow.consultation.topics.save(topic)
        uow.consultation.petitions.save(Petition(f"p{number}", ESTATE, at, ("manager",), 9))
        uow.consultation.ballots.save(
            Ballot(
                f"b{number}",
                ESTATE,
                topic.id,
                "x",
                MatterKind.ORDINARY,
                ONE_MEMBER_ONE_VOTE,
                (),
                at,
                "manager",
                at + DAY,
            )
        )

    keeps(house, keep)
    topics = [one["id"] for one in over_rest(client, "/api/v1/topics?limit=50")]
    order = [f"t{one}" for one in sorted_ids()]
    assert topics == sorted(order, key=lambda one: int(one[1:]) % 3 == 0)
    assert [one["id"] for one in over_rest(client, "/api/v1/petitions?limit=50")] == [f"p{one}" for one in sorted_ids()]
    public = over_rest(client, f"/api/v1/public/{ESTATE}/ballots?limit=50")
    assert [one["id"] for one in public] == [f"b{one}" for one in sorted_ids()]
    pages = turned(client, "/topics?lang=en", "topics", r'<li><a href="/topics/(t\d+)"')
    assert [one for page in pages for one in page] == topics
    assert [len(page) for page in turned(client, "/topics?lang=en", "petitions", "of 9 signatures")] == [50, 50, 3]
    pages = turned(client, f"/public/{ESTATE}/ballots?lang=en", "ballots", '<section class="card">')
    assert [len(page) for page in pages] == [50, 50, 3]
    monkeypatch.setattr(exported_neighbours, "STRETCH", 50)
    for name, order in (("topics", topics), ("ballots", [f"b{one}" for one in sorted_ids()])):
        told = client.get(f"/api/v1/exports/{name}", params={"format": "json"}).json()
        assert [one["id"] for one in told] == order
    front = client.get(f"/public/{ESTATE}?lang=en").text
    assert f"All ballots ({MANY})" in front, "all of them are counted, not a page of them"


def test_boots_of_a_node(house, client):
    node = NodeAddress(ESTATE, "b3-gateway")
    keeps(
        house, lambda uow, n, at: uow.boots.decide(node, BootTime(f"boot-{n}", int(at.timestamp() - 2e9) * 10**6, None, 2**50))
    )  # fmt: skip
    found = over_rest(client, "/api/v1/nodes/b3-gateway/boots?limit=50")
    assert [one["boot"] for one in found] == [f"boot-{one}" for one in sorted_ids()]
    assert {one["at"][:4] for one in found} == {"1970"}, "what lies before that is told so, and still each once"


@pytest.mark.parametrize(
    "path",
    ["/patrols?walked=x", "/planned?exercises=x", "/planned?windows=x", "/topics?topics=x", "/topics?petitions=x"],
)
def test_a_cursor_that_no_page_gave_out_is_refused(client, path):
    assert client.get(path).status_code == 422


def sorted_ids() -> list[str]:
    """The latest first; of one moment the greater id."""
    return [f"{number:03}" for _, number in sorted(((-(number // 2), number) for number in range(MANY)), reverse=True)]
