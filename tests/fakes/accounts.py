"""Those who hash, count, seal and vouch, with nothing random and nothing slow in them."""

from __future__ import annotations

from datetime import datetime

from cloud.application.account_ports import Journey, Vouched
from cloud.application.accounts.proving import Means
from cloud.domain.accounts.account import Subject


class PlainPasswords:
    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, hashed: str | None, password: str) -> bool:
        return hashed == self.hash(password)

    def stale(self, hashed: str) -> bool:  # noqa: ARG002 - the port's own
        return False


class CountedCodes:
    """The code of a time is its step, in half minutes."""

    def new_secret(self) -> str:
        return "SECRET"

    def code(self, now: datetime) -> str:
        return str(int(now.timestamp()) // 30)

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:  # noqa: ARG002 - the port's own
        return int(code) if code == self.code(now) else None

    def address(self, secret: str, login: str) -> str:
        return f"otpauth://{login}/{secret}"


class OpenSeal:
    def sealed(self, secret: str, owner: str) -> str:
        return f"{owner}:{secret}"

    def opened(self, sealed: str, owner: str) -> str:
        return sealed.removeprefix(f"{owner}:")


class FakeIdentityProvider:
    """Vouches for whoever the code names."""

    def way(self, journey: Journey, back: str) -> str:  # noqa: ARG002 - the port's own
        return f"https://login.example?state={journey.state}"

    def vouches(self, code: str, journey: Journey, back: str) -> Vouched:  # noqa: ARG002 - the port's own
        return Vouched(Subject("https://login.example", code), None)


def plain_means() -> Means:
    return Means(PlainPasswords(), CountedCodes, OpenSeal, frozenset)
