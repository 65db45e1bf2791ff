"""Ways to people that can be cut, and remember who was rung."""

from __future__ import annotations

from cloud.application.messages import NotSent
from cloud.application.notices.send_notifications import NOTHING, SendNotifications
from cloud.domain.community.contacts import Contact
from cloud.domain.community.faults import Fault, fault
from cloud.domain.community.means import Means
from cloud.errors import Invalid, Unavailable
from tests.fakes.clocks import START

BUSY = fault("answered", status=503)


def _untaken(why):
    """As an adapter says it, by a fault with its code; or in words that nobody has a code for."""
    return NotSent(why) if isinstance(why, Fault) else Unavailable(why)


class FakeChannel:
    """`cut` has every delivery fail, `breaks` once; `meanwhile` happens while a message is under way."""

    def __init__(self, *, rings=False, carries_links=True, meanwhile=lambda: None):
        self.rings, self.carries_links, self.meanwhile = rings, carries_links, meanwhile
        self.delivered = []
        self._cut, self._fails = None, []

    def cut(self, why="the gateway is down"):
        self._cut = why

    def mend(self):
        self._cut = None

    def breaks(self, error, *, at):
        """Delivering to that address fails in a way that nobody foresaw."""
        self._fails.append((at, error))

    def deliver(self, message):
        for address, error in self._fails:
            if address == message.address or address in message.name:
                raise error
        if self._cut:
            raise _untaken(self._cut)
        self.delivered.append(message)
        self.meanwhile()

    @property
    def addresses(self):
        return [message.address for message in self.delivered]

    @property
    def names(self):
        return [message.name for message in self.delivered]


class FakePoster:
    """The other side of a webhook, which may be down."""

    def __init__(self, meanwhile=lambda: None):
        self.posted, self.meanwhile = [], meanwhile
        self._down = None

    def goes_down(self, why=BUSY):
        self._down = _untaken(why)

    def answers(self, error):
        self._down = error

    def comes_back(self):
        self._down = None

    def check(self, url):
        if not url.startswith("https://"):
            raise Invalid("The URL cannot be used.", ["url: give an address that begins with https://"])

    def post(self, event):
        if self._down:
            self.meanwhile()
            raise self._down
        self.posted.append(event)
        self.meanwhile()


def read_key(body, headers):
    """The key that a test's gateway says was pressed; a forged callback says none."""
    return None if "x-forged" in headers else body.decode().removeprefix("key=") or None


def silent():
    """Channels that call nobody."""
    return {"console": FakeChannel(carries_links=False)}


def sender(scene, channels, **options):
    """Where the console is all there is, somebody reads it: it answers, as in a run for trying out."""
    options.setdefault("means", Means(frozenset(channels) - {"console"}, console=set(channels) == {"console"}))
    return SendNotifications(scene.units, scene.clock, scene.ids, channels, **options)


def sends_all(send, most=50):
    """Runs until nothing more is due; (sent, failed) altogether."""
    sent = failed = 0
    for _ in range(most):
        run = send()
        sent, failed = sent + run.sent, failed + run.failed
        if run == NOTHING:
            return sent, failed
    raise AssertionError(f"after {most} runs there is still something due")


def reach(units, member, *ways, verified_at=START, **options):
    """The member is reached by these `channel:address`, in that order; proven, unless `verified_at` is None."""
    options |= {"verified_at": verified_at}
    contacts = [Contact(member, *way.split(":", 1), preference=number, **options) for number, way in enumerate(ways)]
    with units.writing() as uow:
        uow.contacts.replace(member, contacts)
        uow.commit()
