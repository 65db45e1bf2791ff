"""Chancheng - the shared community: offers and needs, small safe tasks, points that who confirms never earns."""

from __future__ import annotations

from datetime import timedelta

HERE = "binhai/j/grid-3/example/b1"


def test_neighbours_share_and_small_work_is_credited_after_another_has_confirmed_it(house, person, anybody):
    tenant, lodger, manager, officer = person("tenant"), person("lodger"), person("manager"), person("officer")

    # A board of needs and offers.
    ladder = {"good": "tool", "capability": "ladder", "text": "借梯子", "place": HERE}
    offer = lodger.does("/offers", **ladder)["id"]
    need = tenant.does("/needs", **ladder)["id"]
    assert [(match["by"], match["id"]) for match in tenant.asks(f"/needs/{need}/matches")] == [("offer", offer)]
    assert tenant.does(f"/needs/{need}/meet")["open"] is False

    # Regulated work is never claimable, whoever asks and however it is worded.
    for who, path in ((tenant, "/needs"), (lodger, "/offers")):
        assert who.refused(path, **{**ladder, "good": "skill", "text": "帮忙修电梯门锁"}) == 422
    assert manager.refused("/small-tasks", capability="walk", text="检修消防喷淋", place=HERE, kind="small-task") == 422
    assert "电梯" in str(anybody.get("/api/v1/regulated-work").json())

    # A small safe task: claimed, done, confirmed by another, credited; who confirms earns nothing.
    task = manager.does("/small-tasks", capability="walk", text="晚间巡查楼道", place=HERE, kind="patrol")["id"]
    tenant.does(f"/small-tasks/{task}/claim")
    assert lodger.refused(f"/small-tasks/{task}/claim") == 409
    tenant.does(f"/small-tasks/{task}/finish")
    assert tenant.asks("/credit/account")["balance"] == 0, "paid only after verification"
    assert tenant.refused(f"/small-tasks/{task}/confirm") == 403
    officer.does(f"/small-tasks/{task}/confirm")
    worth = next(
        sum(step["points"] for step in row["steps"])
        for row in anybody.get("/api/v1/public/example/credit-table").json()["table"]["rows"]
        if row["act"] == "patrol"
    )
    assert tenant.asks("/credit/account")["balance"] == worth > 0
    assert officer.asks("/credit/account")["balance"] == 0
    assert manager.asks("/credit/account")["balance"] == 0

    # A mistake is undone by a new entry, never by changing the old one.
    house.time_passes(timedelta(minutes=1))
    (entry,) = tenant.asks("/credit/statement")["items"]
    manager.does(f"/credit/entries/{entry['id']}/reverse", reason="mistaken")
    statement = tenant.asks("/credit/statement")["items"]
    assert [item["points"] for item in statement] == [-worth, worth]
    assert tenant.asks("/credit/account")["balance"] == 0


def test_a_volunteer_who_posts_and_confirms_for_their_team_never_earns(house, person):
    """Not because organisations earn nothing: the same person earns where they do the work, and nothing where they confirm it."""
    volunteer, tenant, officer = person("volunteer"), person("tenant"), person("officer")
    posted = {"capability": "walk", "text": "晚间巡查楼道", "place": HERE, "kind": "patrol"}
    task = officer.does("/small-tasks", **posted)["id"]
    for deed in ("claim", "finish"):
        volunteer.does(f"/small-tasks/{task}/{deed}")
    officer.does(f"/small-tasks/{task}/confirm")
    earned = volunteer.asks("/credit/account")["balance"]
    assert earned > 0

    # A door: the tenant's team is not there, the volunteers help; one of them did the work, nobody of them verifies it.
    assert volunteer.refused("/small-tasks", **posted) == 403, "neighbours post needs, organisations ask for work"
    other = officer.does("/small-tasks", **posted)["id"]
    for deed in ("claim", "finish"):
        tenant.does(f"/small-tasks/{other}/{deed}")
    assert volunteer.refused(f"/small-tasks/{other}/confirm") == 403
    officer.does(f"/small-tasks/{other}/confirm")
    assert (volunteer.asks("/credit/account")["balance"], officer.asks("/credit/account")["balance"]) == (earned, 0)
    assert tenant.asks("/credit/account")["balance"] > 0


def test_the_daily_cap_holds_and_organisations_earn_nothing(person):
    manager, tenant, volunteer = person("manager"), person("tenant"), person("volunteer")
    balances = []
    for _ in range(8):
        task = manager.does("/small-tasks", capability="walk", text="巡查", place=HERE, kind="patrol")["id"]
        for deed in ("claim", "finish"):
            tenant.does(f"/small-tasks/{task}/{deed}")
        person("officer").does(f"/small-tasks/{task}/confirm")
        balances.append(tenant.asks("/credit/account")["balance"])
    assert balances[-1] == balances[-2], f"no cap a day: {balances}"
    assert balances == sorted(balances)
    sums = manager.asks("/credit/sums")
    assert sums["balance"] == balances[-1]
    assert volunteer.asks("/credit/account")["balance"] == 0
