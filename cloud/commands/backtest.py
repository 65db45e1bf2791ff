"""`tocsin backtest`: what alarm rules would have raised on the readings that are stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cloud.commands.progress import progress, stoppable
from cloud.commands.speaking import AsJson, Config, Data, opened, plain_errors, settings_from
from cloud.errors import Invalid

if TYPE_CHECKING:
    from cloud.application.fleet.backtest import Tried
    from cloud.domain.fleet.rule_trial import Trial
    from schemas.alarm_rules import AlarmRule


def backtest(
    name: Annotated[str, typer.Argument(metavar="NODE", help="ESTATE/NODE, or NODE where there is one estate.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="A changed configuration: JSON, or a node.toml, of which [config] is taken."
        ),
    ] = None,
    *,
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="How far back, in days.")] = 30,
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule, by its id; repeatable.")] = None,
    list_alarms: Annotated[int, typer.Option("--list", min=0, help="List up to so many alarms of each rule.")] = 0,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Run a node's alarm rules over its stored readings, before a change is sent to it. 用历史读数回测报警规则.

    Without FILE the rules in force are run: how often each would ring. With FILE each changed rule stands beside the one in
    force, so that what a new threshold or delay would have raised, or missed, is seen before anybody is woken by it.

    It is the node's own rule code, on what the node reported. What changed within a point's deadband of reporting never left the
    node and is not seen; of readings older than `readings_days` in the settings only minutes are kept, which no rule can be run
    on. Changes nothing; may be given while the cloud runs.
    """
    from cloud.application.fleet.backtest import backtest as run
    from cloud.application.timeseries import DAY, to_micros
    from cloud.commands.orders import address_of
    from cloud.state import open_reader

    with plain_errors(), stoppable("Nothing was changed."):
        settings = settings_from(config, data)
        with opened(config, data) as state:
            estate, node = address_of(state, name)
            known = state.nodes.configuration(estate, node, None).document
        if known is None and file is None:
            raise Invalid(
                f"What node {node} is configured with is not known yet: it reports it when it first connects. Give a FILE with rules."
            )
        in_force = _rules_of(dict(known), "the configuration in force", rule) if known is not None else []
        proposed = _rules_of(_read(file), str(file), rule) if file is not None else []
        if rule and not in_force and not proposed:
            raise Invalid(f"There is no rule {', '.join(rule)}. `tocsin edge check` and the page Rules list them.")
        end = to_micros(datetime.now(UTC))
        start = end - round(days * DAY)
        with open_reader(settings) as reader, progress(of="rules", quiet=as_json) as told:
            tried = list(
                run(
                    reader,
                    estate,
                    in_force,
                    proposed,
                    start=start,
                    end=end,
                    told=lambda done, of: told("running rules", done, of),
                )
            )
    if as_json:
        typer.echo(json.dumps(_as_json(estate, node, start, end, tried), ensure_ascii=False, indent=2))
    else:
        _show(node, days, tried, both=file is not None, listed=list_alarms)


def _read(file: Path) -> dict[str, Any]:
    from cloud.adapters.estate_file.node_document import read_node_document

    return read_node_document(file)


def _rules_of(document: dict[str, Any], where: str, only: Sequence[str] | None) -> list[AlarmRule]:
    from pydantic import ValidationError

    from schemas.node_config import NodeConfig

    try:
        rules = NodeConfig.model_validate(document).effective_rules()
    except ValidationError as error:
        faults = [
            ": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, "))))
            for one in error.errors()
        ]
        raise Invalid(f"{where} is no configuration of a node.", faults) from error
    return [one for one in rules if not only or one.id in only]


def _show(node: str, days: float, tried: Sequence[Tried], *, both: bool, listed: int) -> None:
    typer.echo(f"Node {node}, the last {days:g} days:")
    wide = max([len("rule"), *(len(one.rule.id) for one in tried)])
    typer.echo(f"  {'rule':{wide}}  {'in force':>8}" + (f"  {'proposed':>8}" if both else "") + "  longest")
    for one in tried:
        after = one.proposed if both else one.in_force
        cells = f"  {one.rule.id:{wide}}  {_count(one.in_force):>8}" + (f"  {_count(one.proposed):>8}" if both else "")
        typer.echo(f"{cells}  {_length(after)}")
        for line in _alarms(after, listed):
            typer.echo(f"      {line}")
    total = [sum(trial.raised for trial in trials if trial) for trials in _columns(tried)]
    said = f"{total[0]} alarms" + (f" in force, {total[1]} as proposed" if both else "")
    silent = sum(1 for one in tried if not (one.proposed or one.in_force or _NOTHING).readings)
    typer.echo(said + (f". Of {silent} rules there is no reading in this time." if silent else "."))


class _Nothing:
    readings = 0


_NOTHING = _Nothing()


def _columns(tried: Sequence[Tried]) -> tuple[Iterable[Trial | None], Iterable[Trial | None]]:
    return (one.in_force for one in tried), (one.proposed for one in tried)


def _count(trial: Trial | None) -> str:
    return "-" if trial is None else str(trial.raised)


def _length(trial: Trial | None) -> str:
    if trial is None:
        return "switched off"
    if not trial.readings:
        return "no readings"
    if not trial.alarms:
        return "-"
    longest = trial.longest_s
    shown = f"{longest:.0f} s" if longest < 120 else f"{longest / 60:.0f} min"  # noqa: PLR2004 - two minutes
    return f"{shown}, still standing" if trial.standing else shown


def _alarms(trial: Trial | None, listed: int) -> Iterable[str]:
    for alarm in trial.alarms[:listed] if trial else ():
        until = f"until {_at(alarm.cleared_at):%H:%M:%S}Z" if alarm.cleared_at is not None else "and still stands"
        held = f", limit {alarm.threshold:g}" if alarm.threshold is not None else ""
        yield f"{_at(alarm.raised_at):%Y-%m-%d %H:%M:%S}Z {until}  {alarm.point} = {alarm.value}{held}"


def _at(micros: int) -> datetime:
    from cloud.application.timeseries import from_micros

    return from_micros(micros)


def _as_json(estate: str, node: str, start: int, end: int, tried: Sequence[Tried]) -> dict[str, Any]:
    return {
        "estate": estate,
        "node": node,
        "start": _at(start).isoformat(),
        "end": _at(end).isoformat(),
        "rules": [
            {
                "rule": one.rule.id,
                "hazard": one.rule.hazard,
                "equipment": one.rule.equipment,
                "in_force": _trial(one.in_force),
                "proposed": _trial(one.proposed),
            }
            for one in tried
        ],
    }


def _trial(trial: Trial | None) -> dict[str, Any] | None:
    if trial is None:
        return None
    return {
        "readings": trial.readings,
        "raised": trial.raised,
        "stood_s": trial.stood_s,
        "longest_s": trial.longest_s,
        "standing": trial.standing,
        "alarms": [
            {
                "raised_at": _at(one.raised_at).isoformat(),
                "cleared_at": None if one.cleared_at is None else _at(one.cleared_at).isoformat(),
                "point": one.point,
                "value": one.value,
                "threshold": one.threshold,
            }
            for one in trial.alarms
        ],
    }
