"""Every list of the interface is read page by page, or is named here with why it is read at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.entrypoints.api.list_exports import EXPORTS
from cloud.entrypoints.app import create_app
from tests.integration.cloud_web.test_lists_go_on import API, operator, paged, whole

__all__ = ["operator"]

AT_ONCE = {
    "/alerts": "what fires now: the board is read from it as a whole",
    "/floods": "what of the open incidents is told as one; the incidents themselves have pages",
    "/duties": "one document, in the order in which it is written",
    "/estates": "those of one's own party",
    "/me/sessions": "one's own, a handful",
    "/me/tokens": "one's own, twenty at the most",
    "/needs/{need_id}/matches": "the best first, which a page would cut where it matters",
    "/tasks/{task_id}/to-phone": "whom to phone now",
    "/channels": "the whole server's, 32 at the most",
    "/webhooks": "twenty at the most",
    "/points": "names of what is measured, which programs choose from as a whole",
    "/ledger": "goes on by `since`: the sequence itself is the cursor",
    "/public/{estate}/ledger-heads": "goes on by `before`: the sequence itself is the cursor",
    "/exports/readings": "a file, sent while it is read",
    **{f"/exports/{name}": "the same" for name in EXPORTS},
}


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    """Path → the names of its parameters, of each route that answers with a list, or with a list and where it goes on."""
    from tests.integration.cloud_web.house import built_in

    with built_in(tmp_path_factory.mktemp("described")) as house:
        document = create_app(house.services).openapi()
    found = {}
    for path, methods in document["paths"].items():
        described = methods.get("get")
        if described is None or not path.startswith(API):
            continue
        content = described["responses"]["200"].get("content", {}).values()
        schemas = [one.get("schema", {}) for one in content]
        names = {one["name"] for one in described.get("parameters", ())}
        if any(_listing(schema, document) for schema in schemas):
            found[path.removeprefix(API)] = names
    return found


def _listing(schema, document):
    name = schema.get("$ref", "").rpartition("/")[2]
    inner = document["components"]["schemas"].get(name, schema)
    onward = inner.get("properties", {}).get("next", {})
    return schema.get("type") == "array" or {"type": "string"} in [
        {"type": one.get("type")} for one in onward.get("anyOf", ())
    ]


def test_every_list_takes_cursor_and_limit_or_says_why_not(lists):
    bare = {path for path, names in lists.items() if not {"cursor", "limit"} <= names}
    assert bare == AT_ONCE.keys() & lists.keys()
    assert len(lists) - len(bare) > 20


def test_every_reason_is_about_a_list_there_is(lists):
    assert AT_ONCE.keys() <= lists.keys()


@pytest.mark.parametrize("path", ["places", "parties", "equipment", "estates/{estate}/members"])
def test_a_register_is_read_page_by_page(operator, path):
    where = f"{API}/{path.format(estate='example')}"
    before = whole(operator, where)
    assert len(before) > 2
    assert paged(operator, where) == before
    assert operator.get(where).json() == before


def test_exercises_and_windows(house, operator):
    operator.headers["authorization"] = f"Bearer {house.api_token_of('manager')}"
    for number in range(5):
        starts = house.clock.now() + timedelta(days=number + 1)
        times = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat()}
        for kind, more in (("exercises", {}), ("maintenance-windows", {"reason": "routine", "hazards": ["lift.*"]})):
            given = {**times, "equipment": ["b3/lift-2"], **more}
            made = operator.post(f"{API}/estates/example/{kind}", json=given)
            assert made.status_code == 201, made.text
    for kind in ("exercises", "maintenance-windows"):
        path = f"{API}/estates/example/{kind}"
        before = whole(operator, path)
        assert [one["starts_at"] for one in before] == sorted((one["starts_at"] for one in before), reverse=True)
        assert len(paged(operator, path)) == 5
        assert paged(operator, path) == before


@pytest.mark.parametrize("path", ["places", "estates/example/exercises", "estates/example/members"])
def test_a_cursor_of_another_list_is_refused_and_not_followed(operator, path):
    cursor = operator.get(f"{API}/places?limit=1").links["next"]["url"].partition("cursor=")[2].partition("&")[0]
    answer = operator.get(f"{API}/{path}", params={"cursor": "W3sieCI6IDF9XQ"})
    assert answer.status_code in {200, 422}
    assert operator.get(f"{API}/{path}?cursor={cursor}").status_code in {200, 422}
    assert operator.get(f"{API}/{path}", params={"cursor": "nonsense"}).status_code == 422
