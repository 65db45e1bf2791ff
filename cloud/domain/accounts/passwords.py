"""Which passwords are taken: NIST SP 800-63B, 3.1.1.2 - long enough, nothing everybody tries, no rules of composition."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Final

from cloud.domain.community.names import Names

SHORTEST: Final = 12
SHORTEST_WITH_SECOND: Final = 8
"""Where a code is asked for as well; 800-63B allows no less."""
LONGEST: Final = 256
"""Characters; 64 at least have to be taken. More would only make us work."""


def as_compared(password: str) -> str:
    """What is hashed: the same password however its letters were put together on the keyboard (800-63B asks for it)."""
    return unicodedata.normalize("NFKC", password)


def shortest(*, second_factor: bool) -> int:
    return SHORTEST_WITH_SECOND if second_factor else SHORTEST


def password_problem(
    password: str, own_words: Iterable[str], common: Collection[str], *, second_factor: bool
) -> Names | None:
    """Why it is not taken; None when it is. `own_words`: what an attacker knows anyway - the login, the service's name.
    `common`: what is tried first everywhere, in lower case.
    """
    text = as_compared(password)
    least = shortest(second_factor=second_factor)
    if len(text) < least:
        return Names(f"密码至少 {least} 个字符，可用一句话", f"At least {least} characters: a few words will do")
    if len(text) > LONGEST:
        return Names(f"密码最多 {LONGEST} 个字符", f"At most {LONGEST} characters")
    plain = text.casefold()
    if plain in common or _says_little(plain):
        return Names("这个密码太常见，请换一个", "Everybody tries this one first: choose another")
    for word in own_words:
        known = word.casefold()
        if len(known) >= 3 and len(plain.replace(known, "")) < len(plain) - len(plain) // 2:  # noqa: PLR2004 - a word
            return Names("密码不要用登录名或本服务的名称", "It is little more than the login or the service's name")
    return None


def _says_little(text: str) -> bool:
    """One character, two in turn, or a run such as 123456789012 or abcdefghijkl."""
    if len(set(text)) <= 2:  # noqa: PLR2004 - one or two characters
        return True
    steps = {
        (ord(after) - ord(before)) % 10 if text.isdecimal() else ord(after) - ord(before)
        for before, after in pairwise(text)
    }
    return len(steps) == 1
