"""A route that builds what writes its answer when it first has one to give.

Of two hundred routes an estate uses a few dozen; the serializers of all of them take 4 MiB and a tenth of a second of the
start.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi._compat import ModelField
from fastapi.datastructures import Default, DefaultPlaceholder
from fastapi.dependencies.utils import get_typed_return_annotation
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_AS_SAID: Final = Default(None)
"""The answer is what the endpoint's signature says."""


class LateRoute(APIRoute):
    """As FastAPI's own, which builds the serializer at once; whoever describes the interface sees no difference."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, response_model: Any = _AS_SAID, **rest: Any) -> None:
        self._built: ModelField | None = None
        super().__init__(path, endpoint, response_model=None, **rest)
        self.response_model = _answer_of(endpoint) if isinstance(response_model, DefaultPlaceholder) else response_model

    @property
    def response_field(self) -> ModelField | None:
        """What writes the answer; None for a route that makes its response itself."""
        if self._built is None and self.response_model:
            name = f"Response_{self.unique_id}"
            self._built = create_model_field(name=name, type_=self.response_model, mode="serialization")
        return self._built

    @response_field.setter
    def response_field(self, field: ModelField | None) -> None:
        self._built = field

    def get_route_handler(self) -> Handler:
        """FastAPI's, made at the first request."""
        make, made = super().get_route_handler, list[Handler]()

        async def handle(request: Request) -> Response:
            if not made:
                made.append(make())
            return await made[0](request)

        return handle


def _answer_of(endpoint: Callable[..., Any]) -> Any:
    said = get_typed_return_annotation(endpoint)
    return None if isinstance(said, type) and issubclass(said, Response) else said
