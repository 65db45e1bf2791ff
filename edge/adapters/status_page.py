"""The node's own page: one address, read only, for whoever stands beside the cabinet with a phone or `tocsin-edge status`."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

from edge.application.status import Status
from edge.errors import StatusPageError
from edge.settings import StatusSection

_LONGEST_REQUEST: Final = 4096
_PATIENCE_S: Final = 5.0
_PAGES: Final = {"/": "text/html; charset=utf-8", "/status.json": "application/json; charset=utf-8"}
_HEADERS: Final = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n"


class StatusPage:
    """Answers GET / and GET /status.json, one request a connection. It changes nothing and shows nothing of people."""

    def __init__(self, section: StatusSection, status: Callable[[], Awaitable[Status]]) -> None:
        self._section, self._status = section, status

    async def run(self) -> None:
        """For ever. Raises StatusPageError when the port cannot be had."""
        where = f"{self._section.host}:{self._section.port}"
        try:
            server = await asyncio.start_server(
                self._serve, self._section.host, self._section.port, limit=_LONGEST_REQUEST
            )
        except OSError as error:
            raise StatusPageError(
                f"[status] {where} cannot be listened on ({error.strerror}); choose another port, or leave [status] out"
            ) from error
        async with server:
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self._answer(head.split(b"\r\n", 1)[0].decode("latin-1")))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # Whoever asked has gone, or asks nothing that makes sense here.
        finally:
            writer.close()

    async def _answer(self, request: str) -> bytes:
        method, _, rest = request.partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        if method not in ("GET", "HEAD"):
            return _response("405 Method Not Allowed", "text/plain", "This page is read only.\n")
        if path not in _PAGES:
            return _response("404 Not Found", "text/plain", "There is / and /status.json.\n")
        status = await self._status()
        body = json.dumps(asdict(status), ensure_ascii=False) + "\n" if path != "/" else page(status)
        return _response("200 OK", _PAGES[path], "" if method == "HEAD" else body)


def _response(status: str, kind: str, body: str) -> bytes:
    raw = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n{_HEADERS}\r\n".encode() + raw


def page(status: Status) -> str:
    """The page, in both languages at once: nobody chooses one in front of a cabinet."""
    rows = [
        ("Connected to the broker", "已连接消息服务器", _yes(status.connected)),
        ("Last word of the cloud", "云端最近一次应答", f"{status.cloud_heard_s_ago:.0f} s"),
        ("Waiting: events, batches", "待发：事件、批次", f"{status.waiting_events}, {status.waiting_batches}"),
        ("Clock", "时钟", status.clock),
        ("Clock behind its reference", "时钟落后参考时间", _offset(status.clock_offset_s)),
        ("Configuration", "配置版本", str(status.configuration)),
        ("Agent", "程序版本", status.agent_version),
        *((f"Output {name}", f"输出 {name}", "on 开" if on else "off 关") for name, on in status.outputs.items()),
    ]
    lines = "".join(
        f"<tr><th>{html.escape(en)}<br>{html.escape(zh)}</th><td>{html.escape(said)}</td></tr>" for en, zh, said in rows
    )
    alarms = "".join(f"<li>{html.escape(alarm)}</li>" for alarm in status.alarms) or "<li>none 无</li>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta http-equiv="refresh" content="5">'
        f"<title>{html.escape(status.node)}</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;margin:1rem;max-width:40rem}th{text-align:left;font-weight:400}"
        "td{padding-left:1rem}.bad{border-left:6px solid #b00020;padding:.5rem 1rem;font-weight:600}</style>"
        f"<h1>{html.escape(status.node)}</h1>{_warnings(status)}<table>{lines}</table>"
        f"<h2>Standing alarms 当前报警</h2><ul>{alarms}</ul></html>\n"
    )


def _warnings(status: Status) -> str:
    said = []
    if status.cloud_silent:
        said.append(
            "The cloud is not heard: alarms of this node may reach nobody. Siren and gate release work on."
            "<br>云端无应答：本节点的报警可能无人收到。警号和门禁释放仍然有效。"
        )
    if status.trouble:
        said.append(f"The outbox takes nothing: {html.escape(status.trouble)}<br>本地存储无法写入")
    return "".join(f'<p class="bad" role="alert">{line}</p>' for line in said)


def _yes(value: bool) -> str:
    return "yes 是" if value else "no 否"


def _offset(seconds: float | None) -> str:
    return "not known 未知" if seconds is None else f"{seconds * 1000:+.3f} ms"
