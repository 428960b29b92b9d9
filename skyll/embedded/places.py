"""Where data, sockets and programs lie, and whose they are.

PostgreSQL refuses to run as root: for root both servers run as the owner of the data, at first
`nobody`. What that user cannot reach (a project under /root, say) lies elsewhere: programs are
copied, data goes to /var/lib behind a link, so that no parent directory has to be opened.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from skyll.embedded.locks import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
_LONGEST_SOCKET = 107  # bytes, of Linux; macOS has 103
_LONGEST_NAME = len("/.s.PGSQL.5432.lock")
_FAR = Path("/var/lib/skyll")  # root's, for what cannot be reached under the local directory


def local() -> Path:
    """Return the directory of everything that this machine keeps between runs."""
    return Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").absolute()


@dataclass(frozen=True)
class Owner:
    """The user that runs a server; `switch` is None where that is who we are already."""

    uid: int
    gid: int
    switch: tuple[int, int] | None

    @classmethod
    def of(cls, data: Path) -> Owner:
        """Return who runs the servers on `data`: its owner, or for root nobody."""
        if os.geteuid() != 0:
            _need_name(os.geteuid())
            if data.exists() and data.stat().st_uid != os.geteuid():
                raise Trouble(
                    f"{data} belongs to another user: run this as that user, or set LOCAL_DIR to "
                    "a directory of your own"
                )
            return cls(os.geteuid(), os.getegid(), None)
        if data.exists() and (found := data.stat()).st_uid != 0:
            return cls(found.st_uid, found.st_gid, (found.st_uid, found.st_gid))
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, (nobody.pw_uid, nobody.pw_gid))

    def reaches(self, path: Path) -> bool:
        """Say whether this user may walk through every parent of `path` that is there."""
        parents = path.absolute().parents
        return self.switch is None or all(self._walks(it) for it in parents if it.exists())

    def runs(self, path: Path) -> bool:
        """Say whether this user may run the program at `path`."""
        return self.switch is None or self._walks(path)

    def _walks(self, path: Path) -> bool:
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)

    def give(self, path: Path) -> None:
        """Make `path` a private directory of this user."""
        path.mkdir(parents=True, exist_ok=True)
        if self.switch is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)


def _need_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise Trouble(
            f"User {uid} has no name on this machine, and PostgreSQL insists on one: add it to "
            "/etc/passwd, or set DATABASE_URL and REDIS_URL"
        ) from None


def short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:10]


def data_of(room: Path) -> Path:
    """Return the data directory of the server that lives in `room`, not yet made."""
    link = room / "data"
    if link.is_symlink() or link.exists():
        return link.resolve()
    if Owner.of(link).reaches(link):
        return link.absolute()
    away = _FAR / short_hash(room)
    away.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(away)
    return away


def sockets_of(room: Path, owner: Owner) -> Path:
    """Return a private directory whose socket names fit into the kernel's limit, and empty it."""
    name = f"skyll-{short_hash(room)}"
    directory = Path(tempfile.gettempdir()) / name
    long = len(os.fsencode(directory)) + _LONGEST_NAME > _LONGEST_SOCKET
    if long or not owner.reaches(directory):
        directory = Path("/tmp") / name  # noqa: S108  made private below
    if directory.is_symlink() or (
        directory.exists() and directory.stat().st_uid not in (owner.uid, os.geteuid())
    ):
        raise Trouble(f"{directory} belongs to somebody else: remove it, or set TMPDIR")
    owner.give(directory)
    for stale in directory.iterdir():
        stale.unlink()
    return directory


def program(package: str, inside: str, owner: Owner) -> str:
    """Return the program at `inside` of an installed package, copied where `owner` reaches it."""
    spec = util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(f"{package} is not installed: run `make install`, or set its address")
    home = Path(spec.submodule_search_locations[0]).resolve()
    if owner.reaches(home / inside) and owner.runs(home / inside):
        return str(home / inside)
    name = f"{package}-{metadata.version(package.replace('_', '-'))}"
    kept = local() / "programs"
    copy = (kept if owner.reaches(kept / name) else _FAR / "programs") / name
    if not copy.exists():
        _copy_for_all(home, copy)
    return str(copy / package / inside)


def _copy_for_all(home: Path, copy: Path) -> None:
    """Copy a package and its libraries to `copy`, readable by everybody; two may do it at once."""
    half = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in (home, home.with_name(f"{home.name}.libs")):
        if part.exists():
            shutil.copytree(part, half / part.name, symlinks=True)
    for path in (half, *half.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        half.rename(copy)
    except OSError:
        shutil.rmtree(half)
        if not copy.exists():
            raise
