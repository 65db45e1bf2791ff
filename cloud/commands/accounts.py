"""`tocsin cloud setup` and `tocsin cloud token`: the first administrator, and API tokens."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated

import typer

from cloud.commands.enrolment import actor
from cloud.commands.speaking import AsJson, Config, Data, opened, plain_errors, settings_from
from cloud.domain.accounts.scopes import LASTS, LASTS_AT_MOST, Scope
from cloud.first_run import setup_code, setup_page, told

token = typer.Typer(
    help="API tokens: for programs that act as a member. 接口令牌。\n\n"
    "A token is shown once, when it is made. Members make their own on the page of their account.",
    no_args_is_help=True,
)

MemberId = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id, such as duty-manager.")]


def setup(config: Config = None, data: Data = None, *, as_json: AsJson = False) -> None:
    """Print the code with which the first administrator is made. 显示首次设置码.

    It is good once, on the page it names; afterwards that page is gone, and this command says so. `run` prints it too when it
    starts.
    """
    with plain_errors():
        settings = settings_from(config, data)
        with opened(config, data, first=True) as state:
            code = setup_code(settings, state.accounts)
        if as_json:
            typer.echo(json.dumps({"code": code, "url": setup_page(settings) if code else None}))
        elif code is None:
            typer.echo(
                "Tocsin has been set up: somebody has an account. Members are asked in on the page Members.", err=True
            )
        else:
            typer.echo(told(settings, code))


def reset_second_factor(
    member_id: MemberId, *, as_json: AsJson = False, config: Config = None, data: Data = None
) -> None:
    """For who has lost phone and recovery codes: codes are asked for no longer. 重置动态码.

    Their sessions end. They sign in with the password alone and set up another phone; where their role has to have a second factor,
    the days they may do without begin anew.
    """
    with plain_errors(), opened(config, data) as state:
        there_was = state.accounts.second_factor.reset(member_id, actor=actor())
    if as_json:
        typer.echo(json.dumps({"member": member_id, "reset": there_was}))
    elif there_was:
        typer.echo(
            f"No codes are asked of {member_id} any more. They sign in with the password and set up another phone."
        )
    else:
        typer.echo(f"{member_id} had no second factor; their time without one begins anew.")


@token.command("issue")
def issue(
    member_id: MemberId,
    *,
    label: Annotated[str, typer.Option(help="For which program.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give it several times.")],
    days: Annotated[int, typer.Option(min=1, max=LASTS_AT_MOST.days, help="How long it is good for.")] = LASTS.days,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make an API token. It is shown once; whoever has it acts as the member. 发放接口令牌.

    Example: `tocsin cloud token issue duty-manager --label dispatcher --scope read --scope act --days 30`
    """
    with plain_errors(), opened(config, data) as state:
        issued = state.sign_in.issue_api_token(
            member_id, label=label, scopes=scope, lasts=timedelta(days=days), actor=actor()
        )
    if as_json:
        typer.echo(json.dumps({"token": issued.token, "id": issued.key.id, "expires_at": _iso(issued.key.expires_at)}))
    else:
        typer.echo(issued.token)


@token.command("list")
def list_tokens(member_id: MemberId, *, as_json: AsJson = False, config: Config = None, data: Data = None) -> None:
    """A member's tokens that still open something - never the tokens themselves. 列出接口令牌."""
    with plain_errors(), opened(config, data) as state:
        found = state.accounts.keys.tokens_of(member_id)
    if as_json:
        typer.echo(
            json.dumps(
                [
                    {
                        "id": one.id,
                        "label": one.label,
                        "scopes": list(one.scopes),
                        "created_at": _iso(one.created_at),
                        "used_at": _iso(one.used_at),
                        "expires_at": _iso(one.expires_at),
                    }
                    for one in found
                ],
                ensure_ascii=False,
            )
        )
        return
    for one in found:
        ends = f"ends {one.expires_at:%Y-%m-%d}" if one.expires_at else "never ends"
        used = f"used {one.used_at:%Y-%m-%d %H:%M}Z" if one.used_at else "never used"
        typer.echo(f"{one.id}  {one.label:24} {','.join(one.scopes) or 'everything':16} {ends}, {used}")
    if not found:
        typer.echo(f"{member_id} has no token.", err=True)


@token.command("revoke")
def revoke(
    member_id: MemberId,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `token list` shows it.")],
    *,
    config: Config = None,
    data: Data = None,
) -> None:
    """End a token at once. 撤销接口令牌."""
    with plain_errors(), opened(config, data) as state:
        state.accounts.keys.revoke_token(member_id, token_id, actor=actor())
    typer.echo(f"Token {token_id} of {member_id} opens nothing any more.")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
