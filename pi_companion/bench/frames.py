"""Where do a replay's pictures go? Each one as PNG, named by time and screen."""

from pathlib import Path

from pi_companion.adapters.draw import draw
from pi_companion.core.effects import Effect, ShowScreen


class FrameWriter:
    """A performer that writes every screen into `directory`, made if it is missing."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory

    def perform(self, effect: Effect) -> None:
        """Write the picture of a shown screen."""
        if isinstance(effect, ShowScreen):
            draw(effect.screen).save(self._directory / f"{effect.at:07}-{effect.screen.name}.png")
