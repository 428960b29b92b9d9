"""A mail server on loopback: takes what it is given, or refuses it."""

from __future__ import annotations

from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from tests.mails import Mail


class Postbox(ThreadingTCPServer):
    """Speaks as much SMTP as smtplib asks for; `refused` names receivers it does not take."""

    daemon_threads = True

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refused: dict[str, str] = {}
        super().__init__(("127.0.0.1", 0), _Talk)

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Talk(StreamRequestHandler):
    server: Postbox

    def handle(self) -> None:
        self._say("220 postbox")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("RCPT"):
                refusal = next(
                    (said for who, said in self.server.refused.items() if f"<{who}>" in line), ""
                )
                self._say(refusal or "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                self._take()
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        self.server.mails.append(Mail.parsed(b"".join(lines)))

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


@contextmanager
def postbox(settings):
    """Let mails go to a server of its own while the block lasts; then nobody answers there."""
    with Postbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()
