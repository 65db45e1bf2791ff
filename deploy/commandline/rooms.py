"""What stands behind each first word after `tocsin`: imported when it is asked for, because all of it takes half a second."""

from __future__ import annotations

import errno
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import typer
from typer.core import TyperGroup

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class Room:
    """`group`: under which heading the help lists it. `name`: of the Typer app, or of the one function, in `module`.
    `extra`: what brings the libraries that it needs.
    """

    group: str
    about: str
    module: str
    name: str = "app"
    extra: str = "cloud"


TRY, SERVE, OPERATE, SIMULATE, HELP = "Try it", "Run it", "Operate it", "Question it", "Find your way"

ROOMS: Final[Mapping[str, Room]] = {
    "run": Room(TRY, "Broker, cloud and a simulated estate, all on this machine.", "deploy.trying", "run", "sim"),
    "sim": Room(TRY, "Was every hazard answered? A scenario, played and scored.", "deploy.trying", "sim", "sim"),
    "year": Room(TRY, "Do people answer? A year of an estate on a leaping clock.", "deploy.trying", "year", "sim"),
    "cloud": Room(SERVE, "The cloud service: run it, its members and tokens.", "cloud.__main__"),
    "edge": Room(SERVE, "One node: run it, check its file, examine its hardware.", "edge.__main__", extra="edge"),
    "broker": Room(SERVE, "The broker: certificates, mosquitto.conf, access list.", "deploy.mosquitto_setup"),
    "estate": Room(OPERATE, "Estates: load, import, export.", "cloud.commands.estates"),
    "node": Room(OPERATE, "Nodes: enrol, list, revoke, configure, command.", "cloud.commands.nodes"),
    "duties": Room(OPERATE, "Who must answer: the responsibility matrix of an estate.", "cloud.commands.duties"),
    "db": Room(OPERATE, "The database: upgrade, backup, restore.", "cloud.commands.database"),
    "ledger": Room(OPERATE, "The record of what happened: export and verify it.", "cloud.commands.ledger"),
    "personal": Room(OPERATE, "Personal data: list what is kept, erase it.", "cloud.commands.personal"),
    "webhook": Room(OPERATE, "Webhooks: other systems that are told.", "cloud.commands.webhooks"),
    "backtest": Room(SIMULATE, "Try alarm rules on readings that were stored.", "cloud.commands.backtest", "backtest"),
    "replay": Room(SIMULATE, "Feed a recording through the ADC of a virtual board.", "firmware_sim.__main__", "replay", "sim"),
    "building": Room(SIMULATE, "A simulated building: run it, score it, kinds of faults.", "firmware_sim.__main__", extra="sim"),
    "help": Room(HELP, "The manual page of a command or topic.", "deploy.commandline.asking", "show_help", "sim"),
    "manual": Room(HELP, "The whole manual, as a man page or Markdown.", "deploy.commandline.asking", "manual", "sim"),
    "completion": Room(HELP, "The completion script of a shell.", "deploy.commandline.asking", "completion", "sim"),
}  # fmt: skip

ALSO: Final = frozenset(
    {("cloud", "db"), ("cloud", "estate"), ("cloud", "node"), ("cloud", "duties"), ("cloud", "ledger"), ("cloud", "personal"), ("building", "replay")}
)  # fmt: skip
"""Second names, from before these had one of their own: they work, and the manual tells of the first."""

_OURS: Final = {"CloudError": USAGE, "EdgeError": FAILED, "SimulatorError": USAGE, "DeployError": USAGE}
"""Each room's errors, which say what was wrong and what to do, by the name of the tree's root; and how they end a command."""


class Rooms(TyperGroup):
    """The top of the command. A room is imported when its name is said, never to list what there is."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002 - the signature is click's
        return list(ROOMS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002 - the signature is click's
        room = ROOMS.get(cmd_name)
        if room is None:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = opened(cmd_name, room)
        return self.commands[cmd_name]

    # typer hands its own context to what click declares with another.
    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override] # narrower than click says, as typer calls it
        if args[0] not in ROOMS and not args[0].startswith("-"):
            near = get_close_matches(args[0], ROOMS, n=1)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            ctx.fail(f"There is no command {args[0]!r}. {meant}`tocsin help` lists them.")
        return super().resolve_command(ctx, args)

    # As above: the context is typer's.
    def shell_complete(self, ctx: typer.Context, incomplete: str) -> Any:  # type: ignore[override]  # noqa: ARG002 - the signature is click's
        from typer._click.shell_completion import CompletionItem

        return [CompletionItem(name, help=room.about) for name, room in ROOMS.items() if name.startswith(incomplete)]

    # As above: the context is typer's.
    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override] # as above
        """What a person at the keyboard can do wrong is said in a sentence; only a defect shows where it is."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("Stopped.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except ModuleNotFoundError as error:
            if (name := (error.name or "").partition(".")[0]) in {"cloud", "edge", "deploy", "firmware_sim", "schemas"}:
                raise
            room = ROOMS.get(ctx.invoked_subcommand or "")
            typer.echo(absence(ctx.invoked_subcommand or "", name, room.extra if room else "sim"), err=True)
            raise typer.Exit(USAGE) from error
        except OSError as error:
            if error.errno == errno.EPIPE or error.filename is None:
                raise
            typer.echo(f"tocsin: {error.filename}: {error.strerror}. Name another, or see to its rights.", err=True)
            raise typer.Exit(USAGE) from error
        except Exception as error:
            code = next((_OURS[one.__name__] for one in type(error).__mro__ if one.__name__ in _OURS), None)
            if code is None:
                raise
            typer.echo(f"tocsin: {error}", err=True)
            raise typer.Exit(code) from error


def absence(command: str, package: str, extra: str) -> str:
    return f"tocsin {command} needs {package}, which is not installed. Give: pip install 'tocsin[{extra}]'"


def opened(name: str, room: Room) -> Any:
    """The command of a room; where its libraries are not installed, one that says so."""
    try:
        found = getattr(importlib.import_module(room.module), room.name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in {"cloud", "edge", "deploy", "firmware_sim", "schemas"}:
            raise
        return _absent(name, missing.name or "", room)
    # A group of one command is a group all the same: `tocsin broker setup`.
    return typer.main.get_group(found) if isinstance(found, typer.Typer) else typer.main.get_command(_alone(found))


def _alone(function: Callable[..., None]) -> typer.Typer:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(function)
    return app


def _absent(name: str, package: str, room: Room) -> Any:
    def absent() -> None:
        typer.echo(absence(name, package, room.extra), err=True)
        raise typer.Exit(USAGE)

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    lenient = {"ignore_unknown_options": True, "allow_extra_args": True}
    app.command(help=f"{room.about} (Not installed.)", context_settings=lenient)(absent)
    return typer.main.get_command(app)
