"""A route that becomes FastAPI's own when somebody comes to it.

Of more than four hundred routes an estate uses a few dozen; the parameters, validators and serializers of all of them
take 9 MiB and a third of a second of the start.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from threading import RLock
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.routing import compile_path, get_name

_MAKING: Final = RLock()
"""Requests come from the event loop, and whoever describes the interface from a thread."""


_USUAL: Final = {one.name: one.default for one in inspect.signature(APIRoute.__init__).parameters.values()}
"""Of what routers say of each route, most is what it would be anyway, and need not be kept until then."""


class LateRoute(APIRoute):
    """As FastAPI's own. What decides whether a request is meant for it is there at once; with whatever else is asked of it,
    it is made as it was declared, so that a description sees no difference.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        methods: set[str] | list[str] | None = None,
        include_in_schema: bool = True,
        **rest: Any,
    ) -> None:
        self.path, self.endpoint, self.include_in_schema = path, endpoint, include_in_schema
        self.name = get_name(endpoint) if name is None else name
        self.methods = {method.upper() for method in methods or ("GET",)}
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self._declared: dict[str, Any] | None = {key: said for key, said in rest.items() if said != _USUAL[key]}

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there (yet)."""
        with _MAKING:
            declared = self.__dict__.get("_declared")
            if declared is not None:
                self._make(declared)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"A route has no {name!r}.") from None

    def _make(self, declared: dict[str, Any]) -> None:
        self._declared = None
        here = self.include_in_schema
        try:
            super().__init__(
                self.path, self.endpoint, name=self.name, methods=self.methods, include_in_schema=here, **declared
            )
        except BaseException:
            self._declared = declared  # what is wrong with it is told to the next that asks, too
            raise
