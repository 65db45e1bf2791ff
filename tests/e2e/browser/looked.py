"""A page at which axe looks, what leads to it, and how it is looked at: wide and on a phone, in one scheme whole and in the other its colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, ViewportSize

TAGS: Final = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STANDARD: Final = {"resultTypes": ["violations"], "runOnly": TAGS}
COLOURS: Final = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
THUMB: Final = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
NARROWEST: Final[ViewportSize] = {"width": 320, "height": 640}
WALL: Final[ViewportSize] = {"width": 1920, "height": 1080}


@dataclass(frozen=True)
class Press:
    """Pressed; it leads on to a page."""

    where: str

    def __call__(self, page: Page) -> None:
        # A form may be folded away, and what leads on from it with it.
        unfold(page)
        page.locator(self.where).first.click()
        page.wait_for_load_state()


@dataclass(frozen=True)
class Fill:
    """Written into a field: words, or what the page itself gives to write."""

    where: str
    words: str | Callable[[Page], str]

    def __call__(self, page: Page) -> None:
        unfold(page)
        words = self.words if isinstance(self.words, str) else self.words(page)
        page.locator(self.where).first.fill(words)


@dataclass(frozen=True)
class Attach:
    """A file given to a form."""

    where: str
    file: FilePayload

    def __call__(self, page: Page) -> None:
        page.locator(self.where).first.set_input_files(self.file)


@dataclass(frozen=True)
class Choose:
    """One of what a list offers: by its value."""

    where: str
    value: str

    def __call__(self, page: Page) -> None:
        unfold(page)
        page.locator(self.where).first.select_option(self.value)


Step = Press | Fill | Attach | Choose


@dataclass(frozen=True)
class Looked:
    """`route`: whose page it is; `presses`, `steps`: what leads on from the address to the page; `fault`: something was not taken,
    which the page says aloud; the id of a field, where the fault lies in one.
    """

    route: str
    address: str
    member: str | None = "manager"
    presses: str = ""
    steps: tuple[Step, ...] = ()
    fault: str | bool = False


def unfold(page: Page) -> None:
    """All but menus, which lie over the page: the head is looked at by itself."""
    page.evaluate("document.querySelectorAll('details:not([data-menu])').forEach((one) => (one.open = true))")


BESIDE: Final = """() => [
  ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ["the window"] : []),
  ...[...document.querySelectorAll("main .card")].filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => `the card ${(one.querySelector("h2") ?? one).textContent.trim().slice(0, 40)}`),
]"""


def beside(page: Page, size: ViewportSize) -> list[str]:
    """Beside what something lies: the window, or a card of it."""
    return [f"wider than {where} of {size['width']} px" for where in page.evaluate(BESIDE)]


class Looker:
    """axe on pages of one member."""

    def __init__(self, page: Page, scheme: str, other: str | None, *, phone_only: bool = False) -> None:
        self._page, self._axe, self._scheme, self._other = page, Axe(), scheme, other
        self._phone_only = phone_only

    def faults(self, one: Looked, address: str) -> list[str]:
        self._page.emulate_media(color_scheme=self._scheme, reduced_motion="reduce")
        self._page.set_viewport_size(WIDE)
        self._page.goto(address)
        for step in (*one.steps, *([Press(one.presses)] if one.presses else [])):
            step(self._page)
        unfold(self._page)
        where = f"{one.route} at {address}"
        return [
            f"{where}: {fault}"
            for fault in (*self._said(one), *self._wide(), *self._in_other_windows(), *self._on_a_phone())
        ]

    def _said(self, one: Looked) -> list[str]:
        """What is not so about a fault that the page should say, and link to its field."""
        if not one.fault:
            return []
        told = self._page.locator("main [role=alert]").filter(visible=True)
        if not told.count():
            return ["what was not taken is not said aloud"]
        if one.fault is True:
            return []
        field = self._page.locator(f"main [id={one.fault}][aria-invalid=true]")
        if field.count() != 1:
            return [f"the field {one.fault} is not marked as the one at fault"]
        ids = (field.get_attribute("aria-describedby") or "").split()
        linked = told.evaluate_all("(all, ids) => all.some((one) => ids.includes(one.id))", ids)
        return [] if linked else [f"the field {one.fault} does not lead to what is said of it"]

    def _wide(self) -> list[str]:
        if self._phone_only:
            return []
        seen = {self._scheme: self._axe.run(self._page, options=STANDARD)}
        if self._other:
            self._page.emulate_media(color_scheme=self._other)
            seen[self._other] = self._again(COLOURS)
            self._page.emulate_media(color_scheme=self._scheme)
        return [f"{scheme}: {said.generate_report()}" for scheme, said in seen.items() if said.violations_count]

    def _in_other_windows(self) -> list[str]:
        found = beside(self._page, WIDE)
        for size in (WALL, NARROWEST, PHONE):
            self._page.set_viewport_size(size)
            found += beside(self._page, size)
        return found

    def _on_a_phone(self) -> list[str]:
        if self._phone_only:
            said = self._axe.run(self._page, options=STANDARD)
        else:
            # In the language that is not looked at in both schemes: what its longer words and the other scheme change.
            said = self._again(STANDARD if self._other else THUMB)
        return [f"{self._scheme} on a phone: {said.generate_report()}"] if said.violations_count else []

    def _again(self, options: dict[str, object]) -> AxeResults:
        """It is in the page already; to bring it once more would take longer than to run it."""
        return AxeResults(self._page.evaluate("(options) => axe.run(options)", options))


def faults_of(
    pages: Iterable[Looked],
    addresses: Mapping[str, str],
    opens: Callable[..., Page],
    *,
    lang: str,
    scheme: str,
    other: str | None = None,
    phone_only: bool = False,
) -> list[str]:
    """Of these pages in their order, each as its member sees it. `phone_only`: axe looks at them there; all windows are measured."""
    looking: dict[str | None, Looker] = {}
    found = []
    for one in pages:
        if one.member not in looking:
            page = opens(one.member, "/sign-in", lang=lang, viewport=WIDE)
            looking[one.member] = Looker(page, scheme, other, phone_only=phone_only)
        found += looking[one.member].faults(one, one.address.format(**addresses))
    return found
