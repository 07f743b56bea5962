"""Where do the pictures of a simulated OLED go? As PNG into a folder, one for each; or into one file, the newest."""

import io
from pathlib import Path

from PIL import Image

from pi_companion.adapters.draw import draw
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.core.effects import Effect, ShowScreen
from pi_companion.writing import replace_file


class FrameWriter:
    """A performer that writes every screen into `directory`, made if it is missing."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory

    def perform(self, effect: Effect) -> None:
        """Write the picture of a shown screen."""
        if isinstance(effect, ShowScreen):
            draw(effect.screen).save(self._directory / f"{effect.at:07}-{effect.screen.name}.png")


class _KeptPanel:
    """A simulated panel that keeps its picture in a PNG, replaced whole by each one; the last one stays."""

    persist = False

    def __init__(self, file: Path) -> None:
        self._file = file

    def display(self, image: Image.Image) -> None:
        png = io.BytesIO()
        image.save(png, "png")
        replace_file(self._file, png.getvalue(), 0o644)

    def contrast(self, level: int) -> None:
        """A PNG has no brightness."""

    def cleanup(self) -> None:
        """There is nothing to let go of."""


def open_panel(file: Path | None = None) -> Oled:
    """Open a simulated panel. `file`: where it keeps what it shows, as PNG; None: nowhere."""
    return open_oled("capture") if file is None else Oled(_KeptPanel(file))
