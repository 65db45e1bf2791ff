"""`tocsin webhook` as whoever sits at the machine meets it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.notices.send_webhooks import SendWebhooks
from cloud.commands.webhooks import app
from cloud.domain.records.webhook import MOST_ATTEMPTS
from tests.fakes.channels import FakePoster
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

URL = "https://hooks.example/tocsin"


@pytest.fixture
def scene(tmp_path):
    (tmp_path / "data").mkdir()
    engine = fresh_state(tmp_path / "data" / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


@pytest.fixture
def webhook(scene, tmp_path):
    """The command, on that database."""

    def command(*words):
        return CliRunner().invoke(app, [*words, "--data", str(tmp_path / "data")])

    return command


def added(webhook) -> dict:
    done = webhook("add", "example", URL, "--member", "manager", "--kind", "incident.opened", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def listed(webhook) -> dict:
    (one,) = json.loads(webhook("list", "example", "--json").stdout)
    return one


def test_one_is_added_listed_without_its_secret_and_removed_by_who_sits_at_the_machine(scene, webhook):
    assert "tells no other system" in webhook("list", "example").output
    made = added(webhook)
    assert made["secret"].startswith("whsec_")
    shown = webhook("list", "example")
    assert f"{made['id']}  on    {URL}  1 kind for property; accepted nothing yet" in shown.output
    assert made["secret"] not in shown.output
    assert (listed(webhook)["kinds"], listed(webhook)["party"]) == (["incident.opened"], "property")
    assert webhook("remove", "example", made["id"]).exit_code == 0
    assert "tells no other system" in webhook("list", "example").output
    told = [entry for entry in scene.ledger() if entry.kind.startswith("webhook.")]
    assert [entry.kind for entry in told] == ["webhook.added", "webhook.removed"]
    assert all(entry.actor.startswith("operator:") for entry in told)


def test_all_that_was_given_up_is_sent_once_more(scene, webhook):
    hook = added(webhook)["id"]
    poster = FakePoster()
    send = SendWebhooks(scene.units, scene.clock, scene.ids, poster, jitter=lambda: 0.0)
    poster.goes_down()
    for point in ("b1/door", "b2/door"):
        scene.rings("access.held-open", point)
    for _ in range(MOST_ATTEMPTS):
        send()
        scene.clock.advance(hours=16)
    assert (listed(webhook)["given_up"], listed(webhook)["why"]) == (2, "it answered 503")
    assert json.loads(webhook("again", "example", hook, "--json").stdout) == {"webhook": hook, "again": 2}
    assert (listed(webhook)["given_up"], listed(webhook)["waiting"]) == (0, 2)
    assert json.loads(webhook("again", "example", hook, "--json").stdout)["again"] == 0
    again = [entry for entry in scene.ledger() if entry.kind == "webhook.tried-again"]
    assert [entry.actor.partition(":")[0] for entry in again] == ["operator", "operator"]
    assert [entry.data["seq"] for entry in again] == sorted(entry.data["seq"] for entry in again), "as it happened"


def test_it_is_for_a_member_of_the_estate_and_no_other(scene, webhook):
    with scene.units.writing() as uow:
        register = uow.registers.find("example")
        elsewhere = replace(register.estate, id="elsewhere")
        stranger = replace(register.members["manager"], id="stranger")
        uow.registers.store(replace(register, estate=elsewhere, members={"stranger": stranger}), "elsewhere")
        uow.commit()
    done = webhook("add", "example", URL, "--member", "stranger")
    assert (done.exit_code, "There is no member 'stranger' in estate 'example'" in done.output) == (2, True)
    assert "tells no other system" in webhook("list", "example").output
    assert webhook("add", "elsewhere", URL, "--member", "stranger").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "nowhere"), "There is no estate 'nowhere' here."),
        (("remove", "example", "none"), "There is no webhook 'none'."),
        (("again", "example", "none"), "There is no webhook 'none'."),
        (("add", "example", URL, "--member", "ghost"), "There is no member 'ghost'"),
        (("add", "nowhere", URL, "--member", "manager"), "There is no member 'manager' in estate 'nowhere'"),
        (("add", "example", "http://10.0.0.1/", "--member", "manager"), "begins with https://"),
        (("add", "example", URL, "--member", "manager", "--kind", "nonsense"), "'nonsense' is no kind of ledger entry"),
    ],
)
def test_what_was_wrong_is_said(webhook, words, said):
    done = webhook(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
