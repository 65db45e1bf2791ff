"""The fields of what administrators write about a channel, by its form, without its secrets: one shape for the interface that takes
it, the form that shows it and the adapter that reads it. What is meant by each is judged by the adapter (`notify/written`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from cloud.notify_settings import Callback

Word = Annotated[str, Field(max_length=254)]
_FILLED: Final = "With `${address}`, `${text}`, `${secret}` and the like."


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class MailShape(_Shape):
    """An SMTP server, and who the mail is from."""

    host: Word
    port: Annotated[int, Field(ge=1, le=65535)] = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    user: Word = ""
    sender: Word
    sender_name: Annotated[str, Field(max_length=64)] = ""


class CallbackShape(_Shape):
    """How a gateway for calls tells which key was pressed. `key`: a regular expression over its POST whose group is the key."""

    key: Annotated[str, Field(max_length=512)] = Callback.model_fields["key"].default
    accept: Annotated[str, Field(pattern=r"^[0-9*#]$")] = "1"
    answer: Annotated[str, Field(max_length=1024)] = '{"code": 0}'
    content_type: Word = "application/json"
    signature_header: Word = ""
    time_header: Word = ""


class GatewayShape(_Shape):
    """A provider's HTTP interface, for text messages and calls."""

    url: Annotated[str, Field(max_length=2048)]
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: Annotated[Mapping[Word, Annotated[str, Field(max_length=2048)]], Field(max_length=20)] = {}
    body: Annotated[str, Field(max_length=8192, description=_FILLED)] = ""
    success: Annotated[str, Field(max_length=512)] = ""
    signed: Annotated[str, Field(max_length=1024, description=_FILLED)] = ""
    callback: CallbackShape | None = None


def usual(shape: type[BaseModel]) -> Mapping[str, Any]:
    """What stands in its fields where nothing was said."""
    return {name: "" if field.is_required() else field.default for name, field in shape.model_fields.items()}
