"""A register as the browser prints it: its heading on each sheet, black on white whatever the screen is, and nothing to fill in."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from cloud.domain.records.inspection import Book

pytestmark = pytest.mark.browser

ALARMS = 40
"""Of which each writes lines enough to fill several sheets together."""


class Ink:
    """What a sheet is drawn with: the colours of its letters, and of areas larger than a line of them."""

    def __init__(self) -> None:
        self.letters: set[float] = set()
        self.areas: set[float] = set()
        self._fill, self._kept, self._area = 0.0, [], 0.0

    def __call__(self, operator: bytes, operands, cm, _tm) -> None:
        match operator:
            case b"q":
                self._kept.append(self._fill)
            case b"Q" if self._kept:
                self._fill = self._kept.pop()
            case b"rg" | b"g" | b"sc" | b"scn":
                self._fill = sum(float(one) for one in operands) / len(operands)
            case b"re":
                self._area = abs(float(operands[2]) * float(operands[3]) * cm[0] * cm[3])
            case b"f" | b"f*" if self._area > LINE:
                self.areas.add(round(self._fill, 2))
            case b"Tj" | b"TJ":
                self.letters.add(round(self._fill, 2))


A_SHEET_OF_ROWS, FEWER = 36, 3
LINE = 3000.0
"""Square points: a row of the table is larger, a rule between two is not."""


@pytest.fixture
def busy(house):
    for _ in range(ALARMS):
        house.goes_wrong("fire.smoke", "b1/detector-7a")
        house.goes_right("fire.smoke", "b1/detector-7a")
    return house


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "dark"), ("en", "light")])
def test_a_register_is_printed_black_on_white_with_its_heading_on_each_sheet(busy, opens, lang, scheme):
    page = opens("manager", f"/registers/{Book.CONTROL_ROOM}", lang=lang, color_scheme=scheme)
    title = page.locator(".register h1").inner_text()
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert len(printed.pages) > 2
    assert "/AcroForm" not in printed.root_object, "there are fields to fill in"
    pressed = page.locator(".period label, .period button").all_text_contents()
    assert pressed
    for number, sheet in enumerate(printed.pages, 1):
        ink = Ink()
        text = sheet.extract_text(visitor_operand_before=ink)
        assert title in text.replace("\xa0", " "), f"sheet {number} has no heading"
        assert not [one for one in pressed if one in text.splitlines()], f"sheet {number} has the form on it"
        assert ink.letters, "nothing is written there"
        assert max(ink.letters) < 0.5, f"sheet {number} is written in something pale"
        assert min(ink.areas, default=1.0) > 0.85, f"sheet {number} has a dark ground"


def test_who_signs_never_signs_a_sheet_that_does_not_say_what_it_is_of(busy, opens):
    """However many entries there are: where the table ends just before the end of a sheet, its last rows go with the signatures."""
    page = opens("manager", f"/registers/{Book.CONTROL_ROOM}", lang="en")
    title, signs = page.locator(".register h1").inner_text(), page.locator(".signatures dt").first.inner_text()
    without, rows = [], page.locator(".register tbody tr")
    for _ in range(A_SHEET_OF_ROWS // FEWER):
        printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
        left, sheets = rows.count(), [sheet.extract_text().replace("\xa0", " ") for sheet in printed.pages]
        without += [
            f"sheet {n} of {len(sheets)} with {left} rows" for n, text in enumerate(sheets, 1) if title not in text
        ]
        assert [signs in text for text in sheets] == [False] * (len(sheets) - 1) + [True], "it is signed once"
        rows.evaluate_all(f"(all) => all.slice(-{FEWER}).forEach((one) => one.remove())")
    assert not without
