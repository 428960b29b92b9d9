"""What a poll did, in words and figures."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """One feed's turn.

    percent  of the history that is in; None where the stream has none
    error    a sentence; "" when it went well
    """

    feed_id: int
    connection: str
    stream: str
    read: int = 0
    new: int = 0
    duplicate: int = 0
    waiting: int = 0
    quarantined: int = 0
    percent: int | None = None
    error: str = ""

    def __str__(self) -> str:
        if self.error:
            return f"{self.connection} {self.stream}: {self.error}"
        parts = [f"{self.read} rows read, {self.new} new"]
        parts += [
            f"{number} {word}"
            for number, word in (
                (self.duplicate, "known already"),
                (self.waiting, "waiting"),
                (self.quarantined, "in quarantine"),
            )
            if number
        ]
        if self.percent is not None and self.percent < 100:
            parts.append(f"{self.percent} % of the history is in")
        return f"{self.connection} {self.stream}: {', '.join(parts)}"


@dataclass(slots=True)
class Report:
    """Everything that one poll did."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error]

    @property
    def has_history_left(self) -> bool:
        return any(one.percent is not None and one.percent < 100 for one in self.outcomes)
