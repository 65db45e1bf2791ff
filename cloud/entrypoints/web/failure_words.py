"""Why another system did not take what it was sent, in the reader's language. It is written down in English, by whoever
sends (`adapters/notify`), for the ledger and for programs; here its sentences are known again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from cloud.entrypoints.web.language import N_

_SENTENCES: Final[tuple[tuple[str, str], ...]] = (
    (r"it answered (?P<status>\d+)", N_("it answered %(status)s")),
    (r"[\w-]+: the gateway answered (?P<status>\d+)", N_("the gateway answered %(status)s")),
    (r"[\w-]+: the gateway cannot be reached \((?P<detail>.+)\)", N_("the gateway cannot be reached (%(detail)s)")),
    (
        r"[\w-]+: the gateway answered, but did not say that it took it",
        N_("the gateway answered, but did not say that it took it"),
    ),
    (r"[\w-]+: the provider did not take it", N_("the provider did not take it")),
    (
        r"[\w-]+: the provider did not take it \(it answered (?P<status>\d+)\)",
        N_("the provider did not take it (it answered %(status)s)"),
    ),
    (
        r"[\w-]+: the provider did not take it \(it cannot be reached\)",
        N_("the provider did not take it (it cannot be reached)"),
    ),
    (r"the address does not suit (mail|the channel [\w-]+)", N_("the address does not suit this channel")),
    (r"the channel [\w-]+ was switched off meanwhile", N_("the channel was switched off meanwhile")),
    (
        r"(?P<host>\S+) does not take mail for this address \((?P<status>\d+)\)",
        N_("%(host)s does not take mail for this address (%(status)s)"),
    ),
    (
        r"(?P<host>\S+) does not take mail from this sender \((?P<status>\d+)\)",
        N_("%(host)s does not take mail from this sender (%(status)s)"),
    ),
    (
        r"(?P<host>\S+) refused user or password \((?P<status>\d+)\)",
        N_("%(host)s refused user or password (%(status)s)"),
    ),
    (r"(?P<host>\S+) refused \((?P<status>-?\d+)\)", N_("%(host)s refused it (%(status)s)")),
    (r"(?P<host>\S+) does not offer what was chosen.*", N_("%(host)s offers no STARTTLS, or no sign-in")),
    (r"(?P<host>\S+) broke off \(\w+\)", N_("%(host)s: it broke the connection off")),
    (r"(?P<host>\S+): no TLS there.*", N_("%(host)s: it speaks no TLS there")),
    (r"(?P<host>\S+): its certificate is not to be trusted.*", N_("%(host)s: its certificate cannot be believed")),
    (r"(?P<host>\S+): it does not answer", N_("%(host)s: no answer in time")),
    (
        r"(?P<host>\S+): http goes as far as the house only.*",
        N_("%(host)s: without https nothing goes further than the house"),
    ),
    (
        r"(?P<host>\S+): it took more than (?P<seconds>\S+) s( to answer)?",
        N_("%(host)s: it took more than %(seconds)s s to answer"),
    ),
    (r"(?P<host>\S+): the name is not known.*", N_("%(host)s: the name is not known")),
    (r"(?P<host>\S+): the name has no address", N_("%(host)s: the name has no address")),
    (
        r"(?P<host>\S+): refused, (?P<address>\S+): .*",
        N_("%(host)s: refused, %(address)s is no address of the public internet"),
    ),
    (r"The URL cannot be used\..*", N_("nothing may be sent to its address any more")),
    (r"(?P<host>\S+): .*CERTIFICATE_VERIFY_FAILED.*", N_("%(host)s: its certificate cannot be believed")),
    (r"(?P<host>\S+): Connection refused", N_("%(host)s: nothing listens there (connection refused)")),
    (r"(?P<host>\S+): (The read operation )?[Tt]imed out.*", N_("%(host)s: no answer in time")),
    (r"(?P<host>\S+): (Network is unreachable|No route to host)", N_("%(host)s: there is no way there")),
    (
        r"(?P<host>\S+): (Connection reset by peer|Broken pipe|Remote end closed connection.*|EOF occurred.*)",
        N_("%(host)s: it broke the connection off"),
    ),
    (r"(?P<host>\S+): (?P<detail>.*)", N_("%(host)s: it cannot be talked to (%(detail)s)")),
)
_KNOWN: Final = [(re.compile(pattern, re.DOTALL), message) for pattern, message in _SENTENCES]


def failure_words(why: str, gettext: Callable[[str], str]) -> str:
    """What nobody has a sentence for stays as it was written."""
    for pattern, message in _KNOWN:
        if found := pattern.fullmatch(why):
            return gettext(message) % found.groupdict()
    return why
