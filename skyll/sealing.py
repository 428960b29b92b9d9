"""Everything that is sealed in the database, and how it is sealed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models, transaction

from common.sealed import SealBroken, is_present, seal, unseal
from ingestion.models import Connection

OF_A_FACTOR = ("secret", "seed", "migrated_codes")  # what allauth keeps sealed in `data`


@transaction.atomic
def rotate() -> int:
    """Seal with SEALING_KEY what OLD_SEALING_KEY sealed; return how many secrets were.

    All or nothing; a second run finds nothing to do. SealBroken names what neither key opens.
    """
    changed, broken = 0, []
    for row, told, read, write in _sealed():
        try:
            anew = _anew(read)
        except SealBroken:
            broken.append(told)
            continue
        if anew != read:
            changed += 1
            write(anew)
            row.save()
    if broken:
        raise SealBroken("neither key opens what is stored of: " + ", ".join(broken))
    return changed


def _sealed() -> Iterator[tuple[models.Model, str, Any, Callable[[Any], None]]]:
    """Yield each row, locked, with its name, what is sealed in it, and how to write that."""
    for connection in Connection.objects.select_for_update().order_by("pk"):

        def keep(value: str, row: Connection = connection) -> None:
            row.sealed_secret = value

        yield connection, f"connection {connection.name}", connection.sealed_secret, keep
    factors = Authenticator.objects.select_for_update(of=("self",)).select_related("user")
    for factor in factors.order_by("pk"):
        for name in OF_A_FACTOR:
            if name in factor.data:

                def put(value: Any, data: dict[str, Any] = factor.data, name: str = name) -> None:
                    data[name] = value

                told = f"second factor of {factor.user.email}"
                yield factor, told, factor.data[name], put


def _anew(sealed: Any) -> Any:
    if isinstance(sealed, list):
        return [_anew(one) for one in sealed]
    return sealed if not sealed or is_present(sealed) else seal(unseal(sealed))
