"""`tocsin duties …`: an estate's responsibility matrix as a file that one can read, try and put in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from cloud.application.estates.change_duties import Tried
from cloud.commands.progress import progress
from cloud.commands.reached import to_jsonable, told_coverage, told_reached
from cloud.commands.speaking import BAD_SETTINGS, FAILED, AsJson, Config, Data, opened, plain_errors, say_json
from cloud.domain.duties.dry_run import Answer, Difference

app = typer.Typer(
    help="Who must answer: the responsibility matrix of an estate, as YAML.\n\n"
    "To change it: `export` it, edit the file, `dry-run` it on what happened, then `import` it, which shows that again and asks.",
    no_args_is_help=True,
)
EstateName = Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id.")]
Days = Annotated[int, typer.Option(min=1, max=366, help="How far back it is tried, in days.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The matrix: a YAML list of rows, as `export` writes it.")]


@app.command("default")
def default(
    region: Annotated[str, typer.Option(help="The country (ISO 3166): CN or GB.")] = "CN",
) -> None:
    """Print the matrix that a new estate in that country gets, each row with the law it rests on, to be confirmed locally."""
    from cloud.adapters.estate_file.reading import default_matrix

    with plain_errors():
        typer.echo(default_matrix(region), nl=False)


@app.command("export")
def export(
    name: EstateName,
    to: Annotated[Path | None, typer.Option(help="Where it goes. [default: standard output]")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write the matrix in force, and on standard error its version."""
    with plain_errors(), opened(config, data) as state:
        found = state.duties.export(name)
        if to is None:
            typer.echo(found.text, nl=False)
        else:
            to.write_text(found.text, encoding="utf-8")
        typer.echo(f"Estate {name}: version {found.version}, {found.rows} rows.", err=True)


@app.command("import")
def put(
    name: EstateName,
    file: File,
    seen: Annotated[int | None, typer.Option(help="Only if this version is still the one in force.")] = None,
    *,
    days: Days = 30,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before it takes effect.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Put a matrix in force instead of the one there is: it is tried on the incidents of the last days, what would have been
    otherwise is shown, and it takes effect once you say so. What is wrong in it is listed line by line, and then nothing has
    changed. Running tasks keep the duty they began with; a running cloud goes by the new one at once.
    """
    text = _text(file)
    with plain_errors(), opened(config, data) as state:
        checked = state.duties.check(name, text, None, days=days, seen=seen)
        tried = checked.tried
        _warn(tried.warnings)
        if checked.rows.changed:
            _show(tried, err=as_json)
            if not yes:
                typer.confirm(f"Put it in force as version {checked.rows.version}?", abort=True, err=True)
        done = state.duties.replace(name, text, None, seen=checked.against, replayed=tried.replayed)
    if as_json:
        edits = {"added": done.added, "removed": done.removed, "edited": done.edited, "warnings": done.warnings}
        replay = {
            "since": tried.since,
            "cases": tried.cases,
            "differences": [_document(one) for one in tried.differences],
        }
        say_json({"estate": name, "version": done.version, "changed": done.changed, **edits, **replay})
        return
    if not done.changed:
        typer.echo(f"Estate {name}: unchanged, version {done.version}.")
        return
    typer.echo(f"Estate {name}: version {done.version} is in force.")
    for what, rows in (("added", done.added), ("removed", done.removed), ("edited", done.edited)):
        if rows:
            typer.echo(f"  {what}: {', '.join(rows)}")


@app.command("reached")
def reached(
    name: EstateName,
    hazard: Annotated[str, typer.Argument(metavar="HAZARD", help="Such as lift.entrapment.")],
    place: Annotated[str, typer.Argument(metavar="PLACE", help="A place's path, or what follows the estate's: b1/f7.")],
    *,
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="By the estate's clock. [default: now]"),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Who is reached: whom that hazard would call there and then, step by step, as long as nobody answers."""
    with plain_errors(), opened(config, data) as state:
        found, zone = state.asked_duties.reached_locally(name, hazard, place, at)
    if as_json:
        say_json(to_jsonable(found))
        return
    for line in told_reached(found, zone):
        typer.echo(line)


@app.command("coverage")
def coverage(name: EstateName, *, as_json: AsJson = False, config: Config = None, data: Data = None) -> None:
    """The hours of the next seven days in which a hazard would reach nobody surely; exit code 1 where there are any."""
    with plain_errors(), opened(config, data) as state:
        found, zone = state.asked_duties.coverage(name, None), state.asked_duties.zone(name)
    if as_json:
        say_json(to_jsonable(found))
    else:
        for line in told_coverage(found, zone):
            typer.echo(line)
    if any(not hole.weak for hole in found.holes):
        raise typer.Exit(FAILED)


@app.command("dry-run")
def dry_run(
    name: EstateName,
    file: File,
    days: Days = 30,
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Try a changed matrix on the incidents of the last days: who would have led, by when, and what would have climbed to
    whom. Changes nothing.
    """
    text = _text(file)
    with plain_errors(), opened(config, data) as state, progress(of="incidents", quiet=as_json) as told:
        tried = state.duties.dry_run(name, text, None, days=days, told=partial(told, "trying"))
    _warn(tried.warnings)
    if as_json:
        about = {"since": tried.since, "cases": tried.cases, "warnings": tried.warnings}
        say_json({"estate": name, **about, "differences": [_document(one) for one in tried.differences]})
        return
    _show(tried)


def _show(tried: Tried, *, err: bool = False) -> None:
    """What it would have meant; `err`: beside a document on standard output."""
    otherwise = f"{len(tried.differences)} of {tried.cases} incidents since {tried.since:%Y-%m-%d} would have been answered otherwise."
    for line in (otherwise, *map(_told, tried.differences)):
        typer.echo(line, err=err)


def _warn(warnings: Iterable[str]) -> None:
    for one in warnings:
        typer.echo(f"Warning: {one}.", err=True)


def _document(one: Difference) -> dict[str, Any]:
    changes = [{"what": what, "before": old, "after": new} for what, old, new in _changes(one)]
    where = {"opened_at": one.case.opened_at, "hazard": one.case.hazard, "place": one.case.place_id}
    return {**where, "orphaned": one.orphaned, "changes": changes}


def _changes(one: Difference) -> list[tuple[str, object, object]]:
    """What would have been otherwise: what, before, after."""
    before, after = one.before, one.after
    return [
        (what, old, new)
        for what, old, new in (
            ("lead", before.lead_id, after.lead_id),
            ("supports", ", ".join(before.support_ids), ", ".join(after.support_ids)),
            ("observers", ", ".join(before.observer_ids), ", ".join(after.observer_ids)),
            ("to own", before.tto, after.tto),
            ("to resolve", before.ttr, after.ttr),
            ("on site", before.arrive, after.arrive),
            ("of supports", _limits(before), _limits(after)),
            ("climbs", _ladder(before), _ladder(after)),
            ("dials", ", ".join(before.numbers), ", ".join(after.numbers)),
            ("closing needs", ", ".join(before.needs), ", ".join(after.needs)),
            ("quiet for", before.resolve_delay, after.resolve_delay),
            ("may wait for", ", ".join(before.pause_reasons), ", ".join(after.pause_reasons)),
            ("its clocks run", before.running, after.running),
        )
        if old != new
    ]


def _told(one: Difference) -> str:
    changes = [f"{what} {old or 'nothing'} -> {new or 'nothing'}" for what, old, new in _changes(one)]
    orphaned = "  NO DUTY MATCHES: only the fallback party would have been asked" if one.orphaned else ""
    case = one.case
    return f"  {case.opened_at:%Y-%m-%d %H:%M}Z  {case.hazard}  {case.place_id}: {'; '.join(changes)}{orphaned}"


def _limits(answer: Answer) -> str:
    """Each support's own, where they are other than the lead's."""
    return "; ".join(
        f"{one.party_id} accepts within {one.accept}, on site {one.arrive or 'at no set time'}, done {one.finish}"
        for one in answer.limits
        if (one.accept, one.arrive, one.finish) != (answer.tto, answer.arrive, answer.ttr)
    )


def _ladder(answer: Answer) -> str:
    steps = []
    for step in answer.ladder:
        often = f" every {step.every}" if step.every else ""
        bound = f" {step.times} times" if step.times else ""
        sheet = " by call sheet" if step.call_sheet else ""
        steps.append(f"after {step.after} {step.condition} to {', '.join(step.calls)}{sheet}{often}{bound}")
    return ", then ".join(steps)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"{file} cannot be read ({error}). Give a file that `tocsin duties export` wrote.", err=True)
        raise typer.Exit(BAD_SETTINGS) from error
