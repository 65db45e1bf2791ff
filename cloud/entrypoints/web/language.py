"""Which language a visitor reads, and the catalogues that speak it, compiled in memory when the program starts."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from cloud.domain.community.names import Language

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
LANGUAGE_COOKIE: Final = "tocsin_lang"
LOCALES: Final[Mapping[Language, str]] = {"zh": "zh_CN", "en": "en"}
HTML_LANG: Final[Mapping[Language, str]] = {"zh": "zh-CN", "en": "en"}


def N_(message: str) -> str:  # noqa: N802 - the name under which gettext's extractors find messages
    """Marks a message for the catalogue where it is written; it is translated where it is shown."""
    return message


def catalogue_path(language: Language) -> str:
    return f"locale/{LOCALES[language]}/LC_MESSAGES/tocsin.po"


def load_catalogues() -> dict[Language, NullTranslations]:
    """The translations of each language. Messages are written in English, so English needs no catalogue."""
    source = files("cloud.entrypoints.web").joinpath(catalogue_path("zh"))
    with source.open("rb") as po:
        # The language is given and the line that names it left out: to understand a name, Babel loads what it knows of all
        # the world's languages, 2 MiB.
        lines = (line for line in po if not line.startswith(b'"Language: '))
        catalogue = read_po(lines, locale=Locale("zh"))
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return {"zh": GNUTranslations(compiled), "en": NullTranslations()}


def as_language(tag: str | None) -> Language | None:
    """`zh`, `zh-CN`, `zh_Hant` and their like are Chinese, `en-…` English; anything else is no language of ours."""
    head = (tag or "").replace("_", "-").partition("-")[0].strip().lower()
    return "zh" if head == "zh" else "en" if head == "en" else None


def accepted(header: str | None) -> Language | None:
    """The best of ours in an Accept-Language header (RFC 9110, 12.5.4), or None."""
    best: tuple[float, Language] | None = None
    for part in (header or "")[:1000].split(","):
        tag, _, parameters = part.partition(";")
        language = as_language(tag)
        name, _, weight = parameters.strip().partition("=")
        try:
            q = float(weight) if name == "q" else 1.0
        except ValueError:
            q = 0.0
        if language and 0 < q <= 1 and (best is None or q > best[0]):
            best = (q, language)
    return best[1] if best else None


def choose(
    query: str | None, cookie: str | None, member: Language | None, header: str | None, *, region: str = ""
) -> Language:
    """What the visitor asked for now, asked for before, is known to read, has set in the browser; else what is spoken in
    the country (ISO 3166) of the estate they look at, and Chinese where none is known.
    """
    spoken: Language = "en" if region and region not in _CHINESE else "zh"
    return as_language(query) or as_language(cookie) or member or accepted(header) or spoken


_CHINESE: Final = frozenset({"CN", "HK", "MO", "TW", "SG"})
