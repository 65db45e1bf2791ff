"""The set-up code: with it, whoever can read this machine's files makes the first administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud.application.accounts.keeping import Accounts
    from cloud.settings import CloudSettings


def setup_code(settings: CloudSettings, accounts: Accounts) -> str | None:
    """The code that counts, also written where only this user reads it; None once there is an account, and then the file is
    gone too.
    """
    from cloud.adapters.key_file import write_private

    path = settings.setup_code_path
    known = path.read_text(encoding="utf-8").strip() if path.exists() else None
    code = accounts.first_run.code(known)
    if code is None:
        path.unlink(missing_ok=True)
    elif code != known:
        write_private(path, code + "\n", over=True)
    return code


def told(settings: CloudSettings, code: str) -> str:
    return (
        f"Nobody has an account yet. Make the first administrator at {settings.web.url}/setup with the code\n"
        f"尚无账号，请在上述页面用以下设置码创建首个管理员：\n\n    {code}\n\n(also in {settings.setup_code_path})"
    )
