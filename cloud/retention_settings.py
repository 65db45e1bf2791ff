"""For how long what is kept, class by class."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from cloud.connection_settings import Section


class Retention(Section):
    """For how many days what is kept, by class. Personal words (notes, contacts, reporters) that belong to an open incident
    wait for its end; without a figure they are kept until somebody erases them. The defaults are to be confirmed locally: the
    Personal Information Protection Law (art. 19) asks for the shortest time that the purpose needs.

    Of readings the minutes stay (count, min, max, sum, last); an InfluxDB has no minutes. Of access events the card's mark goes
    first, then the event; how many there were a day stays.
    """

    note_days: Annotated[int, Field(ge=1, le=36500)] | None = 1095
    contact_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    reporter_days: Annotated[int, Field(ge=1, le=36500)] | None = 180
    vote_days: Annotated[int, Field(ge=1, le=36500)] | None = 1095
    """Who voted what, from the end of the ballot. An owner may go to court over a decision for a year (Supreme People's Court
    on ownership in condominiums, art. 12; to be confirmed locally); what was counted is kept for ever.
    """
    signature_days: Annotated[int, Field(ge=1, le=36500)] | None = 1095
    """Who signed a petition, from its start. How many did is kept."""
    posting_days: Annotated[int, Field(ge=1, le=36500)] | None = 365
    """The words of offers, needs and small tasks, from when they were over."""
    identified_access_days: Annotated[int, Field(ge=1, le=3653)] = 30
    pseudonymous_access_days: Annotated[int, Field(ge=1, le=3653)] = 180
    dead_letter_days: Annotated[int, Field(ge=1, le=3653)] = 30
    readings_days: Annotated[int, Field(ge=3, le=36500)] = 180
    minutes_days: Annotated[int, Field(ge=3, le=36500)] = 1826
    command_days: Annotated[int, Field(ge=1, le=36500)] | None = 365
    """Commands to nodes, with what came of them. No personal data, but nothing is kept without end."""

    message_days: Annotated[int, Field(ge=1, le=36500)] | None = 365
    """Messages that belong to no task (announcements of exercises, links to who phoned) and what webhooks were told, from when
    they were settled.
    """

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minutes_days < self.readings_days:
            raise ValueError("minutes_days: shorter than readings_days, but minutes are what stays of readings")
        if self.pseudonymous_access_days < self.identified_access_days:
            raise ValueError(
                "identified_access_days: longer than pseudonymous_access_days; keep what names a person less long"
            )
        return self
