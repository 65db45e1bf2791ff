"""A mail server on loopback, as much of RFC 5321 as a client sees; it keeps what came and refuses what it was told to."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy


@dataclass
class Mailbox:
    """`users`: who may sign in, none: nobody need. `refuses`: what is answered to a command instead. `mail`: what came."""

    port: int = 0
    users: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    mail: list = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    silent: bool = False


class _Speaks(socketserver.StreamRequestHandler):
    def handle(self):
        box = self.server.box
        if box.silent:
            self.server.over.wait(30)
            return
        self._say("220 mail.test ESMTP")
        for line in iter(self.rfile.readline, b""):
            said = line.decode("utf-8", "replace").strip()
            verb = said.split(" ", 1)[0].upper()
            box.commands.append(verb)
            if verb in box.refuses:
                self._say(box.refuses[verb])
            elif not self._takes(box, verb, said):
                return

    def _takes(self, box, verb, said):
        if verb == "EHLO":
            self._say(*(["250-mail.test", "250-AUTH PLAIN", "250 8BITMIME"] if box.users else ["250 mail.test"]))
        elif verb == "AUTH":
            _, user, word = base64.b64decode(said.split()[-1]).decode().split("\0")
            self._say("235 welcome" if box.users.get(user) == word else "535 5.7.8 wrong: " + word)
        elif verb == "RCPT":
            box.to.append(said.partition("<")[2].rstrip(">"))
            self._say("250 ok")
        elif verb == "DATA":
            self._say("354 go on")
            lines = [line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n")]
            box.mail.append(message_from_bytes(b"".join(lines), policy=policy.default))
            self._say("250 taken")
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 ok")
        return True

    def _say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    context = None

    def get_request(self):
        request, address = super().get_request()
        if self.context is not None:
            try:
                return self.context.wrap_socket(request, server_side=True), address
            except ssl.SSLError as error:
                raise OSError(str(error)) from error
        return request, address


@contextmanager
def mail_server(context=None):
    """`context`: with which it speaks TLS from the first byte."""
    server = _Server(("127.0.0.1", 0), _Speaks)
    server.context, server.over = context, threading.Event()
    server.box = Mailbox(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.box
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
