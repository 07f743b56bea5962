"""Which settings and which speech model does a command work with? Asked alike by all that hear."""

import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pi_companion.cli_upkeep import err
from pi_companion.errors import ModelError

if TYPE_CHECKING:
    from pi_companion.config import Site
    from pi_companion.core.facts import Side
    from pi_companion.core.settings import Pack
    from pi_companion.session.replay import Device
    from pi_companion.speech.ear import Recogniser
    from pi_companion.speech.models import Model

    NewRecogniser = Callable[[Pack, Side], Recogniser]

ModelOption = Annotated[
    str,
    typer.Option("--model", metavar="NAME|PATH", help="Speech model; [bold]none[/bold] to run without speech."),
]


def load_device(site_file: Path | None, model: str) -> "Device":
    """Load settings and speech model as a replay needs them."""
    from pi_companion import config
    from pi_companion.session.replay import Device

    site = config.load(site_file)
    chosen, loaded = _model(site, model)
    return Device(site=site, model=chosen, loaded=loaded)


def live_recogniser(site_file: Path | None, model: str) -> "tuple[NewRecogniser | None, str | None]":
    """Return what makes a recogniser for the live device, and the model's name; None if speech is off: why is told."""
    from pi_companion import config
    from pi_companion.speech import grammar

    try:
        chosen, loaded = _model(config.load(site_file), model)
    except ModelError as error:
        err.print(f"speech is off: {error}", style="yellow", markup=False, highlight=False, soft_wrap=True)
        return None, None
    if chosen is None:
        return None, None
    return partial(grammar.recogniser, loaded, chosen.path), chosen.name


def _model(site: "Site", model: str) -> "tuple[Model | None, Any]":
    """Return the model in use and what Vosk made of it; None of either if speech is off."""
    from pi_companion.speech import models, vosk_recogniser

    if model == "none":
        return None, None
    chosen = models.resolve(model or None, site.speech.model or None)
    models.check(chosen.path)
    loaded = vosk_recogniser.load(chosen.path)
    gc.collect()
    gc.freeze()  # as in the live service: dictionaries and model stay, and are not looked through for garbage
    return chosen, loaded
