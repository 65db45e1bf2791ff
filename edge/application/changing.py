"""What another configuration will change, worked out before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.domain.reflexes import Action, Reflexes
from schemas.equipment import Equipment, Sampling
from schemas.node_config import NodeConfig


@dataclass(frozen=True, slots=True)
class Change:
    """`fresh`: equipment that is new or wired otherwise, and is watched anew; `gone`: what is watched no more.

    `outputs`: what each output and lock has to be from the first moment under the new configuration.
    """

    config: NodeConfig
    reflexes: Reflexes
    actions: list[Action]
    outputs: dict[str, bool]
    fresh: list[Equipment]
    gone: frozenset[str]


def change_to(
    config: NodeConfig,
    before: Mapping[str, Equipment],
    heirs: tuple[Reflexes, list[Action]],
    outputs: Mapping[str, bool],
) -> Change:
    """`before`: equipment until now; `outputs`: what each output and lock is. A lock stays as it is until its gate says."""
    reflexes, actions = heirs
    states = dict(reflexes.states) | {lock: outputs.get(lock, False) for lock in locks_of(config)}
    gone = before.keys() - {item.id for item in config.equipment}
    # How often equipment is sampled is no matter of its wiring: it goes on undisturbed.
    fresh = [item for item in config.equipment if item.id not in before or _wired(before[item.id]) != _wired(item)]
    return Change(config, reflexes, actions, states, fresh, frozenset(gone))


def releases_of(config: NodeConfig) -> set[str]:
    """Outputs that release gates."""
    return {output.id for output in config.outputs if output.purpose == "gate_release"}


def locks_of(config: NodeConfig) -> list[str]:
    """The locks of gates, as they are called among the outputs."""
    return [lock_name(item.id) for item in config.equipment if item.kind == "access_gate" and item.lock]


def lock_name(gate: str) -> str:
    """What a gate's lock is called among the outputs. An output's own id has no slash, so the two never meet."""
    return f"{gate}/lock"


def _wired(item: Equipment) -> Equipment:
    return item.model_copy(update={"sampling": Sampling()})
