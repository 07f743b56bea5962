"""What does a person who tunes a setting have to know? Its meaning and its bounds, declared beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """What `config show` prints and validation enforces for one setting: meaning and inclusive bounds."""

    meaning: str
    low: int | None = None
    high: int | None = None
