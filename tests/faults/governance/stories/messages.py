"""Messages go out to people and to systems: claimed, sent, settled; called, answered; given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.application.forget_settled import ForgetSettled
from cloud.application.messages import NotTaken
from cloud.application.notices.nobody import PassOn
from cloud.application.notices.prepare import Calls
from cloud.application.notices.send_missives import SendMissives
from cloud.application.notices.send_notifications import LEASE
from cloud.application.notices.send_webhooks import LEASE as WEBHOOK_LEASE
from cloud.application.notices.send_webhooks import SendWebhooks
from cloud.application.notices.try_again import TryAgain
from cloud.application.notices.webhook_book import WebhookBook
from cloud.application.tasks.answer_call import AnswerCall, Keypad
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.domain.community.faults import fault
from cloud.domain.community.means import Means
from cloud.domain.records.delivery import MOST_ROUNDS
from cloud.domain.records.missive import LEASE as MISSIVE_LEASE
from tests.fakes.channels import FakePoster, reach, read_key, sender, sends_all
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.faults.governance.stories.alarms import is_rostered
from tests.faults.governance.stories.deeds import rings
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import Channel, World

_URL = "https://example.org/hook"


class _Poster(FakePoster):
    """The other side of a webhook, which may be the last that the process sees."""

    def __init__(self, w: World) -> None:
        super().__init__()
        self._outside = w.outside

    def post(self, event) -> None:
        super().post(event)
        self._outside.takes(event.id, event.url, event.document["type"])


def _sends(w: World) -> None:
    voice = Channel(w.outside, rings=True)
    channels = {"console": Channel(w.outside, carries_links=False), "voice": voice}

    def new_token() -> str:
        w.kept["called"] = f"call-{w.ids.new(w.clock.now())}"
        return str(w.kept["called"])

    sends_all(sender(w, channels, calls=Calls("https://tocsin.example", new_token=new_token)))


def _plans(w: World) -> None:
    tomorrow = START + timedelta(days=1)
    exercises = PlanExercises(w.units, w.clock, w.ids)
    exercises.plan(ESTATE, ["b1/lift-2"], tomorrow, tomorrow + timedelta(hours=1), w.identity("manager"))


def _announces(w: World) -> None:
    channels = {"console": Channel(w.outside, carries_links=False)}
    send = SendMissives(w.units, w.clock, channels, means=Means(frozenset(), console=True))
    while send():
        pass


def _is_cut(w: World) -> None:
    """Nobody can be reached: the ladder goes on at once."""
    channel = Channel(w.outside, carries_links=False)
    channel.cut()
    sends_all(sender(w, {"console": channel}))


def _answers(w: World) -> None:
    AnswerCall(w.units, w.clock, w.act, w.verify, lambda: Keypad("1", read_key))(w.kept["called"], b"key=1", {})


def _book(w: World) -> WebhookBook:
    return WebhookBook(w.units, w.clock, w.ids, FakePoster(), random=lambda size: b"s" * size)


def _hook(w: World) -> str:
    return str(w.once("the webhook", lambda: _book(w).all(ESTATE, "manager")[0].id))


def _posts(w: World) -> None:
    send = SendWebhooks(w.units, w.clock, w.ids, _Poster(w), jitter=lambda: 0.0)
    for _ in range(50):
        run = send()
        if not (run.sent or run.queued or run.failed):
            return
    raise AssertionError("there is always more to be posted")


def _gives_up(w: World) -> None:
    """Every channel was tried as often as is tried."""
    with w.units.writing() as uow:
        waiting = next(one for one in uow.outbox.latest(ESTATE, failed=True, limit=50) if one.rounds)
        uow.outbox.amend(replace(waiting, rounds=MOST_ROUNDS, failed_at=w.clock.now()))
        uow.commit()
    w.kept["given up"] = waiting.id


def _tries_again(w: World) -> None:
    TryAgain(w.units, w.clock)(ESTATE, w.kept["given up"], w.identity("manager"))


def _is_not_taken(w: World) -> None:
    """One entry was tried as often as is tried."""
    with w.units.writing() as uow:
        (posting,) = uow.webhooks.postings(_hook(w), failed=False, limit=1)
        uow.webhooks.post([replace(posting, sent_at=None).given_up("it answered 503", w.clock.now())])
        uow.commit()
    w.kept["not taken"] = posting.id


def _posts_again(w: World) -> None:
    _book(w).again(ESTATE, _hook(w), w.kept["not taken"], "manager")


def _is_gone(w: World) -> None:
    poster = FakePoster()
    poster.answers(NotTaken(fault("answered", status=410), gone=True))
    SendWebhooks(w.units, w.clock, w.ids, poster, jitter=lambda: 0.0)()


def _forgets(w: World) -> None:
    ForgetSettled(w.units, w.clock, timedelta(seconds=1), lambda uow: uow.missives)()


MESSAGES: Story = [
    step("an exercise is planned", _plans),
    step("it is announced", _announces, lease=MISSIVE_LEASE),
    timedelta(seconds=2),
    step("and what was said is forgotten", _forgets),
    is_rostered,
    lambda w: reach(w.units, "technician", "voice:1"),
    step("a webhook is added", lambda w: _book(w).add(ESTATE, _URL, ["incident.opened"], "manager")),
    rings("somebody is trapped", "lift.entrapment", "b1/lift-1", 1),
    step("everybody is called", _sends, lease=LEASE, anew="access_keys"),
    step("the technician presses the key", _answers),
    step("another system is told", _posts, lease=WEBHOOK_LEASE),
    timedelta(minutes=2),
    _sends,
    rings("a door is forced", "access.forced-open", "b1/door", 2),
    step("nobody can be reached", _is_cut, lease=LEASE, anew="ledger"),
    step("and the ladder goes on", lambda w: PassOn(w.units, w.clock)()),
    _gives_up,
    step("somebody has one sent once more", _tries_again),
    timedelta(minutes=2),
    step("the webhook is changed", lambda w: _book(w).change(ESTATE, _hook(w), "manager", kinds=[])),
    step("its secret is changed", lambda w: _book(w).rotate(ESTATE, _hook(w), "manager"), anew="ledger webhooks"),
    step("it is told everything", _posts, lease=WEBHOOK_LEASE),
    _is_not_taken,
    step("what it did not take is sent once more", _posts_again),
    step("it says that it is gone", _is_gone, lease=WEBHOOK_LEASE),
    step("it is removed", lambda w: _book(w).remove(ESTATE, _hook(w), "manager")),
]
