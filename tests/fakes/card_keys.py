"""Card keys in memory, and a vault whose keys can be looked for."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace

from cloud.domain.fleet.card_key import CardKey, Holder
from cloud.errors import Conflict


@dataclass
class KnownCardKeys:
    keys: MutableMapping[tuple[str, int], CardKey] = field(default_factory=dict)
    holders: MutableMapping[tuple[str, str], Holder] = field(default_factory=dict)


class FakeCardKeys:
    def __init__(self, known: KnownCardKeys) -> None:
        self._known = known

    def current(self, estate: str) -> CardKey | None:
        found = self.history(estate, limit=1)
        return found[0] if found else None

    def add(self, key: CardKey) -> None:
        same = [one for one in self._known.keys.values() if one.estate == key.estate and one.id == key.id]
        if same or (key.estate, key.version) in self._known.keys:
            raise Conflict("that version is there already")
        for (estate, version), one in list(self._known.keys.items()):
            if estate == key.estate and version < key.version:
                self._known.keys[estate, version] = replace(one, kept="")
        self._known.keys[key.estate, key.version] = key

    def history(self, estate: str, limit: int = 20) -> Sequence[CardKey]:
        found = [one for one in self._known.keys.values() if one.estate == estate]
        return sorted(found, key=lambda one: -one.version)[:limit]

    def holders(self, estate: str) -> Sequence[Holder]:
        return [deepcopy(one) for key, one in sorted(self._known.holders.items()) if key[0] == estate]

    def save(self, holder: Holder) -> None:
        self._known.holders[holder.estate, holder.node_id] = deepcopy(holder)
