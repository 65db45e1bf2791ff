"""The set-up code: with it, whoever can read this machine's files makes the first administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cloud.application.accounts.keeping import Accounts
    from cloud.settings import CloudSettings


def setup_code(settings: CloudSettings, accounts: Accounts, served_at: str | None = None) -> str | None:
    """The code that counts, also written where only this user reads it, with the address at which it is used; None once
    there is an account, and then the file is gone too. `served_at`: where the cloud runs, for who knows it.
    """
    from cloud.adapters.key_file import write_private

    path = settings.setup_code_path
    known, page = _read(path)
    code = accounts.first_run.code(known)
    if code is None:
        path.unlink(missing_ok=True)
        return None
    at = f"{served_at}/setup" if served_at else page or f"{settings.web.url}/setup"
    if (code, at) != (known, page):
        write_private(path, f"{code}\n{at}\n", over=True)
    return code


def setup_page(settings: CloudSettings) -> str:
    """Where the code is used: what the cloud wrote when it started, else what the settings say."""
    return _read(settings.setup_code_path)[1] or f"{settings.web.url}/setup"


def told(settings: CloudSettings, code: str) -> str:
    return (
        f"Nobody has an account yet. Make the first administrator at {setup_page(settings)} with the code\n"
        f"尚无账号，请在上述页面用以下设置码创建首个管理员：\n\n    {code}\n\n(also in {settings.setup_code_path})"
    )


def _read(path: Path) -> tuple[str | None, str | None]:
    """(code, page): the lines of the file, as far as there are any."""
    lines = path.read_text(encoding="utf-8", errors="replace").split() if path.is_file() else []
    page = lines[1] if len(lines) > 1 and lines[1].startswith(("https://", "http://")) else None
    return (lines[0] if lines else None), page
