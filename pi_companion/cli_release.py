"""What is done when the device has stopped? The command that systemd calls; nobody else needs to."""

import os
import sys
from contextlib import ExitStack
from typing import Annotated

import typer

from pi_companion.cli_upkeep import SiteOption


def release(
    site: SiteOption = None,
    safe_mode: Annotated[
        bool, typer.Option("--safe-mode", help="Say on the OLED why it could not start, and when it is tried again.")
    ] = False,
) -> None:
    """Open the MUTE contact, darken the LEDs, leave on the OLED why nothing runs. Called by systemd after any exit."""
    from pi_companion.adapters.pins import open_chip
    from pi_companion.live import instance, starts, startup
    from pi_companion.live.release import release as let_go
    from pi_companion.pinout import Pinout

    with ExitStack() as stack:
        if not safe_mode and "SERVICE_RESULT" not in os.environ:
            stack.enter_context(instance.alone(instance.folder()))  # by hand: never over a device that runs
        screen = starts.safe_mode() if safe_mode else starts.after_exit()
        for said in let_go(Pinout(), open_chip, lambda: startup.splash_panel(site), screen):
            print(said)
        # Whatever hangs is not waited for: here it ends.
        sys.stdout.flush()
        os._exit(0)
