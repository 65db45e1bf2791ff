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
    """`users`: who may sign in, none: nobody need. `refuses`: what is answered to a command instead. `mail`: what came. `slipped_in`: what
    somebody on the way says in its name before anything is encrypted.
    """

    port: int = 0
    users: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    mail: list = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    silent: bool = False
    slipped_in: list[str] = field(default_factory=list)


class _Speaks(socketserver.StreamRequestHandler):
    tls = None

    def handle(self):
        box = self.server.box
        if box.silent:
            self.server.over.wait(30)
            return
        self._say("220 mail.test ESMTP")
        while line := self.rfile.readline():
            said = line.decode("utf-8", "replace").strip()
            verb = said.split(" ", 1)[0].upper()
            box.commands.append(verb)
            if verb in box.refuses:
                self._say(box.refuses[verb])
            elif not self._takes(box, verb, said):
                return

    def _takes(self, box, verb, said):
        if verb == "EHLO":
            self._greet(box)
        elif verb == "STARTTLS" and self.server.later is not None:
            self._say("220 go ahead", *box.slipped_in)
            return self._speak_tls()
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

    def _greet(self, box):
        """Once it speaks TLS it offers no more of it, and a sign-in only then."""
        plain = self.tls is None and self.server.later is not None
        offered = ["STARTTLS"] if plain else ["AUTH PLAIN"] if box.users else []
        lines = ["mail.test", *offered, "8BITMIME"]
        self._say(*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}")

    def _speak_tls(self):
        """On a socket of its own: who has accepted the connection closes the other. Whether it came about."""
        self.tls = self.server.later.wrap_socket(self.request.dup(), server_side=True, do_handshake_on_connect=False)
        try:
            self.tls.do_handshake()
        except OSError:
            return False
        self.rfile, self.wfile = self.tls.makefile("rb"), self.tls.makefile("wb", 0)
        return True

    def finish(self):
        super().finish()
        if self.tls is not None:
            self.tls.close()

    def _say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    context = later = None

    def get_request(self):
        request, address = super().get_request()
        if self.context is not None:
            try:
                return self.context.wrap_socket(request, server_side=True), address
            except ssl.SSLError as error:
                raise OSError(str(error)) from error
        return request, address


@contextmanager
def mail_server(context=None, later=None):
    """`context`: with which it speaks TLS from the first byte; `later`: once it is asked to by STARTTLS."""
    server = _Server(("127.0.0.1", 0), _Speaks)
    server.later = later
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
