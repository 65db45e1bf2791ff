"""Verbs of a member at the interface."""

from __future__ import annotations

from typing import Any

import httpx


class Person:
    """What is refused fails the test unless it was expected (`refused`)."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    @property
    def address(self) -> str:
        return str(self._client.base_url).removesuffix("/").removesuffix("/api/v1")

    def asks(self, path: str, **query: object) -> Any:
        return self._good(self._client.get(path, params=query))

    def does(self, path: str, **facts: object) -> Any:
        answer = self._client.post(path, json=facts or None)
        return self._good(answer)

    def puts(self, path: str, facts: object, **query: object) -> Any:
        return self._good(self._client.put(path, json=facts, params=query))

    def reads(self, path: str) -> str:
        """What is given as text."""
        answer = self._client.get(path)
        assert answer.is_success, answer.text[:300]
        return answer.text

    def writes(self, path: str, text: str, **query: object) -> Any:
        """Puts text there, as YAML."""
        headers = {"content-type": "application/yaml"}
        return self._good(self._client.put(path, content=text.encode(), params=query, headers=headers))

    def on(self, task: str, deed: str, **facts: object) -> Any:
        """A deed on a task; the task as it is then."""
        return self.does(f"/tasks/{task}/{deed}", **facts)["task"]

    def task(self, task: str) -> Any:
        return self.asks(f"/tasks/{task}")

    def story(self, task: str, language: str = "en") -> list[str]:
        """The timeline of a task's incident as sentences, oldest first."""
        lines = self.asks(f"/incidents/{self.task(task)['incident_id']}")["timeline"]
        return [line["text"][language] for line in sorted(lines, key=lambda line: line["seq"])]

    def refused(self, path: str, **facts: object) -> int:
        """The status with which it is refused."""
        answer = self._client.post(path, json=facts or None)
        assert answer.is_error, f"{path} was not refused: {answer.text[:300]}"
        assert answer.status_code < 500, answer.text[:300]
        return answer.status_code

    def page(self, path: str, **query: object) -> str:
        answer = httpx.get(
            f"{self.address}{path}", params=query, cookies=self._client.cookies, headers=self._client.headers
        )
        assert answer.status_code == 200, answer.text[:300]
        return answer.text

    @staticmethod
    def _good(answer: httpx.Response) -> Any:
        assert answer.is_success, (
            f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
        )
        return answer.json() if answer.content else None


def states(task: Any) -> dict[str, str]:
    return {part["party"]["id"]: part["state"] for part in task["assignments"]}


def roles(task: Any) -> dict[str, str]:
    return {part["party"]["id"]: part["role"] for part in task["assignments"]}
