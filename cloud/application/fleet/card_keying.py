"""Everything that is done about card keys, put together for who serves it: the loop, interface, pages, command line."""

from __future__ import annotations

from cloud.application.fleet.card_key_questions import CardKeyQuestions
from cloud.application.fleet.keep_card_keys import KeepCardKeys
from cloud.application.fleet.rotate_card_key import OpenVault, RotateCardKey
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.fleet.card_key import Rotation


class CardKeying:
    """`keep` is called by a loop; `rotate` and `ask` when somebody wants it."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, vault: OpenVault, rotation: Rotation) -> None:
        self.keep = KeepCardKeys(units, clock, ids, vault, rotation)
        self.rotate = RotateCardKey(units, clock, vault)
        self.ask = CardKeyQuestions(units, clock, rotation)
