"""Finds every message in the templates and in the web room's code."""

from __future__ import annotations

from importlib.resources import as_file, files

from babel.messages.extract import extract_from_dir

METHODS = [("**.html", "jinja2.ext.babel_extract"), ("**.py", "python")]
OPTIONS = {"**.html": {"trimmed": "false", "silent": "false", "extensions": "jinja2.ext.i18n"}}
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def messages() -> dict[str, str]:
    """Message → where it stands first."""
    found: dict[str, str] = {}
    with as_file(files("cloud.entrypoints.web")) as room:
        for filename, line, message, _comments, _context in extract_from_dir(
            str(room), METHODS, OPTIONS, KEYWORDS, strip_comment_tags=True
        ):
            assert isinstance(message, str), f"{filename}:{line}: give one message, not {message!r}"
            found.setdefault(message, f"{filename}:{line}")
    return found
