"""`make run`: prepare, then everything at once, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from types import FrameType

from skyll.embedded import crew, places, screen, services, tether
from skyll.embedded.history import History
from skyll.embedded.keeper import SERVERS
from skyll.embedded.locks import Lock, Trouble

_GLANCE = 0.1
_FIRST_ANSWER = 120.0  # seconds
_PORT, _SIMULATOR_PORT = 8000, 8765


def main(*, tied: bool) -> int:
    """Run everything; 0 after Ctrl-C. Trouble names what stands in the way."""
    began = time.monotonic()
    if tied:
        tether.tie(signal.SIGTERM)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _interrupt)  # SIGINT too: a shell's background jobs ignore it
    places.local().mkdir(parents=True, exist_ok=True)
    with Lock(places.local() / "run.lock") as lock:
        if not lock.try_alone():
            raise Trouble(f"It runs already, {lock.path.read_text()}: stop it first")
        services.missing()  # reads .env, which may name the port
        port = _port("PORT", _PORT)
        lock.note(f"at {screen.url_of(port)} as process {os.getpid()}")
        try:
            _serve(port, began)
        except KeyboardInterrupt:
            screen.say("Everything has stopped")
    return 0


def _serve(port: int, began: float) -> None:
    """Start the servers, prepare, start the crew and tend it until an exception ends it."""
    simulated = not os.environ.get("TT_BASE_URL")
    environment = _environment(port, simulated=simulated)
    embedded = services.missing()
    alone = "postgres" in embedded  # only we have workers on an embedded database
    with ExitStack() as stack:
        if embedded:
            with screen.step(" and ".join(SERVERS[name].name for name in embedded)):
                stack.enter_context(services.at_hand())
        environment |= {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
        _prepare(environment, alone=alone)
        commands = crew.read(places.ROOT / "Procfile")
        if not simulated:
            del commands["simulator"]
        processes = crew.Crew(commands, environment, places.local() / "logs")
        stack.callback(_stop, processes)
        processes.start("web")
        with screen.step("First answer"):
            _wait_for_answer(processes, port)
        processes.start()
        screen.addresses(port, mails=environment["EMAIL_URL"], seconds=time.monotonic() - began)
        os.environ.update(environment)
        _tend(processes, stack, environment if simulated else None)


def _environment(port: int, *, simulated: bool) -> dict[str, str]:
    """Return the environment of all processes: what is set stays, what is missing is ours."""
    local = places.local()
    path = f"{places.ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    ours = {"LOCAL_DIR": str(local), "EMAIL_URL": f"filemail:///{local / 'mail'}"}
    if simulated:
        ours["SIMULATOR_PORT"] = str(_port("SIMULATOR_PORT", _SIMULATOR_PORT, other=True))
    else:
        os.environ.pop("SIMULATOR_PORT", None)  # it tells the demo that the provider is simulated
    given = {name: value for name, value in os.environ.items() if value}
    set_anyway = {"PATH": path, "PORT": str(port), "SKYLL_TIED": "1", "PYTHONUNBUFFERED": "1"}
    return {**ours, **given, **set_anyway}


def _port(name: str, usual: int, *, other: bool = False) -> int:
    """Return the port to use; Trouble if it is taken, unless `other` allows any free one."""
    told = os.environ.get(name) or str(usual)
    if not told.isdecimal() or not 0 < int(told) < 65_536:
        raise Trouble(f"{name} is '{told}': set it to a number from 1 to 65535")
    for port in (int(told), 0) if other and name not in os.environ else (int(told),):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    raise Trouble(f"Port {told} is taken: stop what uses it, or set {name} to another one")


def _prepare(environment: Mapping[str, str], *, alone: bool) -> None:
    """Run `manage.py prepare` and show what it says."""
    words = [sys.executable, "manage.py", "prepare"]
    words += ["--alone"] if alone else []
    words += ["--demo"] if environment.get("ENVIRONMENT") != "production" else []
    with screen.step("Database, demo and static files"):
        child = subprocess.Popen(  # noqa: S603  our own command
            tether.command(words, signum=signal.SIGTERM),
            cwd=places.ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            for line in child.stdout or ():
                screen.say(f"  {line.rstrip()}")
        except KeyboardInterrupt:
            child.terminate()
            raise
        finally:
            code = child.wait()
    if code != 0:
        raise Trouble("The preparation failed; the reason stands above")


def _wait_for_answer(processes: crew.Crew, port: int) -> None:
    end = time.monotonic() + _FIRST_ANSWER
    while not screen.answers(port):
        for news in processes.tend():
            screen.say(news)
        if time.monotonic() > end:
            raise Trouble(f"The API does not answer: see {places.local() / 'logs' / 'web.log'}")
        time.sleep(_GLANCE)


def _tend(processes: crew.Crew, stack: ExitStack, demo: Mapping[str, str] | None) -> None:
    """Watch over the processes for good; show how far the history is until it is in.

    demo  the environment in which the demo's journals are written then, trades being there
    """
    history = History()
    stack.callback(history.stop)
    while True:
        for news in processes.tend():
            screen.say(news)
        if history.show() and demo is not None and demo.get("ENVIRONMENT") != "production":
            _write_journals(demo, stack)
        time.sleep(_GLANCE)


def _write_journals(environment: Mapping[str, str], stack: ExitStack) -> None:
    """Let the demo's traders write, beside everything else; it says itself what was written."""
    words = [sys.executable, "manage.py", "make_demo", "--journals"]
    child = subprocess.Popen(  # noqa: S603  our own command
        tether.command(words, signum=signal.SIGTERM),
        cwd=places.ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    stack.callback(child.wait)
    stack.callback(child.terminate)


def _stop(processes: crew.Crew) -> None:
    screen.say("Stopping")
    try:
        processes.stop()
    except KeyboardInterrupt:  # once more: no more patience
        processes.kill()


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
