"""What may be asked about an estate's card key: names, ages and who uses which. No key is told, to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.asking.queries import Viewer
from cloud.application.fleet.keep_card_keys import look
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.fleet.card_key import CardKey, Reason, Rotation, Step, reported_age, reported_key
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class CardKeyVersion:
    """One key of the estate, by name. `reason`: why it was made."""

    version: int
    key: str
    made_at: datetime
    by: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class NodeCardKey:
    """The key that a node names, and since when it is in the world, in seconds. `step`: how it stands to the estate's."""

    node_id: str
    key: str
    age_s: float | None
    step: Step | None


@dataclass(frozen=True, slots=True)
class CardKeyView:
    """`current` None: the estate has no key of its own yet. `rotates_at`: when the next is due; `automatic`: by itself.

    `overdue`: somebody has to see to it, and a task says so.
    """

    estate: str
    current: CardKeyVersion | None
    age_s: float | None
    rotates_at: datetime | None
    automatic: bool
    overdue: bool
    nodes: Sequence[NodeCardKey]
    history: Sequence[CardKeyVersion]


class CardKeyQuestions:
    """An estate the viewer has nothing to do with does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock, rotation: Rotation) -> None:
        self._units, self._clock, self._rotation = units, clock, rotation

    def __call__(self, estate: str, viewer: Viewer) -> CardKeyView:
        now = self._clock.now()
        with self._units.reading() as uow:
            if uow.registers.find(estate) is None or (viewer is not None and estate not in viewer.estates):
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            seen = look(uow, estate, self._rotation, now)
            nodes = [
                NodeCardKey(node.id, named, age.total_seconds() if age else None, seen.steps.get(node.id))
                for node in uow.nodes.of(estate)
                if (named := reported_key(node))
                for age in (reported_age(node),)
            ]
            history = [_version(key) for key in uow.card_keys.history(estate)]
        key = seen.key
        return CardKeyView(
            estate,
            _version(key) if key else None,
            (now - key.made_at).total_seconds() if key else None,
            key.made_at + self._rotation.period if key else None,
            self._rotation.automatic,
            seen.overdue,
            nodes,
            history,
        )


def _version(key: CardKey) -> CardKeyVersion:
    return CardKeyVersion(key.version, key.id, key.made_at, key.by, key.reason)
