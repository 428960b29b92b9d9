"""What of a key's day is remembered when the fast store is emptied."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection as database

from ingestion.models import KeyUse


@dataclass(frozen=True, slots=True)
class Remembered:
    """The calls of one key, by its print, in the database."""

    key: str

    def load(self) -> tuple[int, int]:
        return KeyUse.objects.filter(key=self.key).values_list("day", "used").first() or (0, 0)

    def keep(self, day: int, used: int) -> None:
        with database.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO ingestion_keyuse AS k (key, day, used) VALUES (%s, %s, %s)
                ON CONFLICT (key) DO UPDATE SET day = excluded.day, used = excluded.used
                WHERE (excluded.day, excluded.used) > (k.day, k.used)""",
                [self.key, day, used],
            )
