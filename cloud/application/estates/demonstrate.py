"""Somebody looks round in a simulated estate before anything real is set up, and leaves it again with nothing remaining."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Protocol

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitsOfWork
from cloud.domain.community.names import Names
from cloud.domain.community.party import Role
from cloud.errors import NotAllowed, Unavailable


@dataclass(frozen=True, slots=True)
class DemoRole:
    """As whom one may look: a member of the simulated estate, and the token of their personal link there."""

    member: str
    names: Names
    token: str


@dataclass(frozen=True, slots=True)
class DemoOpen:
    """A demonstration that runs: its address on this machine."""

    url: str
    roles: Sequence[DemoRole]


class DemoBuilding(Protocol):
    """A simulated estate in a product of its own: another process, another folder, another database."""

    @property
    def available(self) -> bool:
        """Whether what it needs is installed."""
        ...

    @property
    def opened(self) -> DemoOpen | None:
        """Where it is, once it runs."""
        ...

    @property
    def key(self) -> str | None:
        """The secret of who entered this one; None while none is starting or running."""
        ...

    def start(self) -> None:
        """Raises Unavailable. One that runs already goes on."""
        ...

    def stop(self) -> None:
        """It ends, and its folder with it. One that does not run is no matter."""
        ...


class Demonstrate:
    """It is offered while nothing here can be missed for it: before there is an administrator to anybody, then to
    administrators, and to nobody once a node has spoken, for then this screen is somebody's post.
    """

    def __init__(self, units: UnitsOfWork, building: DemoBuilding) -> None:
        self._units, self._building = units, building

    @property
    def available(self) -> bool:
        return self._building.available

    @property
    def opened(self) -> DemoOpen | None:
        return self._building.opened

    @property
    def starting(self) -> bool:
        return self._building.key is not None and self._building.opened is None

    def offered(self, viewer: Identity | None) -> bool:
        with self._units.reading() as uow:
            run = uow.accounts.first_run()
            new = run is not None and run.used_at is None and not uow.accounts.any()
            spoken = any(node.heard_at for estate in uow.registers.estates() for node in uow.nodes.of(estate.id))
        chief = viewer is not None and viewer.member.role is Role.ADMINISTRATOR
        return self._building.available and not spoken and (new or chief)

    def open(self, viewer: Identity | None) -> str:
        """Starts one, or joins the one there is: the secret by which its visitor is known. Raises NotAllowed, Unavailable."""
        if not self.offered(viewer):
            raise NotAllowed(
                "The demonstration is open until the first node speaks, to who sets Tocsin up.",
                "演示仅在首个节点接入之前对设置人员开放",
            )
        self._building.start()
        key = self._building.key
        if key is None:
            raise Unavailable("The demonstration has ended at once; its log says why.", "演示未能启动")
        return key

    def knows(self, key: str | None) -> bool:
        """Whether that is the secret of the one there is."""
        current = self._building.key
        return key is not None and current is not None and compare_digest(key, current)

    def leave(self, key: str | None) -> bool:
        """Ends it for all who are in it, if that is its secret. Whether it was."""
        known = self.knows(key)
        if known:
            self._building.stop()
        return known
