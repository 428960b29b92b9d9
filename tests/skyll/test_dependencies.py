"""What is installed: locked by hash, and above the versions that have known holes."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
from packaging.version import Version

from skyll.embedded import places

# Below these stand advisories that touch what we use; raise, never lower.
FLOORS = {
    "pyjwt": "2.12",  # CVE-2026-32597
    "django": "5.2.15",
    "django-allauth": "65.19.4",  # CVE-2026-97764
    "djangorestframework-simplejwt": "5.5.1",  # CVE-2024-22513: tokens of the deactivated
}
LOCKS = ("requirements.txt", "requirements-dev.txt")
_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)[^\n]*((?:\n    --hash=\S+.*)*)", re.M
)
# Forms that nothing but a credential has.
SECRETS = (
    rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    rb"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    rb"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    rb"\bsk_live_[A-Za-z0-9]{20,}",
    rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}",
)


def pins(lock: str) -> list[tuple[str, Version, str]]:
    """Return (name, version, hashes) of a lock file; a name may stand for several Pythons."""
    found = _PIN.findall((places.ROOT / lock).read_text())
    return [(name.lower(), Version(version), hashes) for name, version, hashes in found]


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_is_locked_below_a_known_hole(lock):
    locked = pins(lock)
    assert set(FLOORS) <= {name for name, *_ in locked}
    for name, version, _ in locked:
        assert version >= Version(FLOORS.get(name, "0")), name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_locked_by_hash(lock):
    lines = re.findall(r"^[A-Za-z0-9].*", (places.ROOT / lock).read_text(), re.M)

    assert len(pins(lock)) == len(lines) > 40
    assert not [name for name, _, hashes in pins(lock) if "--hash=sha256:" not in hashes]


def test_what_is_asked_for_is_locked():
    project = tomllib.loads((places.ROOT / "pyproject.toml").read_text())["project"]
    asked = {re.split(r"[\[<>=!~]", line)[0].lower() for line in project["dependencies"]}

    assert asked <= {name for name, *_ in pins("requirements.txt")}


def test_no_credential_is_kept_in_the_repository():
    if not (places.ROOT / ".git").exists():
        pytest.skip("no repository here")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=places.ROOT, capture_output=True, check=True
    ).stdout.split(b"\0")
    form = re.compile(b"|".join(SECRETS))
    ours = b"tests/skyll/test_dependencies.py"
    for name in filter(None, listed):
        path = places.ROOT / name.decode()
        if name != ours and path.is_file():
            assert not form.search(path.read_bytes()), name.decode()
