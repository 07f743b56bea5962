"""Which screens say nothing of a pack's? Those of a device that does not run, and those for whoever looks after it."""

from pi_companion.core import notices, out_of_service, screens
from pi_companion.core.harness import HarnessState
from pi_companion.core.notices import Offer
from pi_companion.core.out_of_service import Reason
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import Screen


def unworded() -> dict[str, Screen]:
    """Return every one of them, with the longest that is filled in."""
    lost = {
        state: notices.no_station(state, 12 if state is HarnessState.READ else None)
        for state in (HarnessState.MISSING, HarnessState.BAD_PARITY, HarnessState.READ)
    }
    return {
        "starting": out_of_service.starting(1),
        "starting-again": out_of_service.starting(3),
        "stopped": out_of_service.stopped(),
        "restarting": out_of_service.restarting(),
        **{f"cannot-start-{reason}": out_of_service.cannot_start(reason, 6) for reason in Reason},
        "settings-wrong": notices.wrong_settings("stations.toml", 112, "mute_lamp", 1, 12, is_kept=True),
        "settings-wrong-at-first": notices.wrong_settings("site.toml", 4, "fast_above_per_min", 1, 1, is_kept=False),
        "settings-wrong-somewhere": notices.wrong_settings("it-helpdesk-zh.toml", 0, "", 1, 1, is_kept=True),
        **{f"harness-{state}".replace("_", "-"): screen for state, screen in lost.items() if screen},
        "changing-station": notices.changing_station(),
        "offer-update": notices.offer(Offer.UPDATE, "0.1.0 → 0.2.0"),
        "offer-load": notices.offer(Offer.LOAD, "12"),
        "offer-save": notices.offer(Offer.SAVE, "A112"),
        "updating": notices.working(Offer.UPDATE, 37),
        "saving": notices.working(Offer.SAVE, 100),
        "update-written": notices.ended(Offer.UPDATE, is_done=True),
        "update-failed": notices.ended(Offer.UPDATE, is_done=False),
        "saved": notices.ended(Offer.SAVE, is_done=True),
        "update-restarts": notices.working(Offer.RESTART, 0),
        "calibration-came": notices.calibration_came(),
        "updated": notices.updated("0.2.0", is_back=False),
        "update-taken-back": notices.updated("0.1.0", is_back=True),
        "resetting": notices.resetting(10),
        "reset": notices.reset(),
    }


def numbered(pack: Pack, station: Station) -> dict[str, Screen]:
    """Return the idle screen of a station with a number, as short and as long as one may be."""
    idle = screens.idle(pack.texts, station)
    return {"idle-station": notices.numbered(idle, "12"), "idle-station-long": notices.numbered(idle, "A112")}
