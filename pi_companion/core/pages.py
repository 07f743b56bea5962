"""What does the page button show? First why the device spoke last, then the standard answers, page by page."""

from pi_companion.core import screens
from pi_companion.core.cues import Shown
from pi_companion.core.settings import Pack
from pi_companion.core.states import Screen


class Pages:
    """Each press turns to the next page; a while after the last press all is put away."""

    def __init__(self, pack: Pack) -> None:
        self._texts, self._for_ms = pack.texts, pack.limits.cueing.page_ms
        self._answers = [
            screens.answer(answer.title, page, number, len(answer.pages))
            for answer in pack.answers
            for number, page in enumerate(answer.pages, 1)
        ]
        self._left: list[Screen] = []
        self._until: int | None = None
        self.screen: Screen | None = None

    def press(self, at: int, last: Shown | None) -> None:
        """Turn the page; `last`: the nudge that the first page explains, if there was one."""
        if self.screen is None:
            why = [] if last is None else [screens.why(self._texts, last, at)]
            self._left = [*why, *self._answers]
        self.screen = self._left.pop(0) if self._left else None
        self._until = None if self.screen is None else at + self._for_ms

    def put_away(self) -> None:
        """Another call: nothing is being looked up any more."""
        self.screen = self._until = None

    def deadline(self) -> int | None:
        """Return when the page is put away."""
        return self._until

    def pass_deadline(self, at: int) -> None:
        """Put the page away when its time is over."""
        if self._until is not None and at >= self._until:
            self.put_away()
