"""What is a part made of? Reads parts.toml: maker, number, alternatives, why, price, source of its figures."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

PARTS_FILE: Final = Path(__file__).with_name("parts.toml")


class Item(BaseModel):
    """A line of the bill of materials. `price_cny`: a rough estimate for one, without tax. `package`: for the board."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    maker: str
    number: str
    alternatives: str = ""
    why: str
    package: str
    datasheet: str
    seen: str = "from memory of the datasheet; check before ordering"
    tolerance: float = 0.0
    price_cny: Annotated[float, Field(ge=0)]


def read(path: Path = PARTS_FILE) -> Mapping[str, Item]:
    """Return every item by its key. Raises what the reader of TOML or pydantic raises on a mistake in the file."""
    return {key: Item.model_validate(table) for key, table in tomllib.loads(path.read_text(encoding="utf-8")).items()}


ITEMS: Final = read()
