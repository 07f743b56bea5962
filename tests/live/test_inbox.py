"""What gets in, what does not, and in which order it is taken."""

from pi_companion.core.facts import (
    Fact,
    HookChanged,
    Part,
    PartLost,
    RingLineChanged,
    Side,
    TalkSpurtBegan,
)
from pi_companion.live.inbox import AUDIO_BLOCKS, FACTS, Inbox
from pi_companion.live.tap_keeper import Audio


def spurt(at: int) -> Fact:
    return TalkSpurtBegan(at=at, side=Side.AGENT, began=at)


def block(at: int) -> Audio:
    return Audio(at=at, pcm=b"", is_after_loss=False)


def test_what_waits_is_taken_in_the_order_of_its_own_times_whoever_came_first() -> None:
    inbox = Inbox()
    spoken, ring, hook = spurt(1200), RingLineChanged(at=1100, is_active=True), HookChanged(at=1200, is_off_hook=True)
    for fact in (spoken, ring, hook):
        inbox.put(fact)

    assert (inbox.take(0), inbox.take(0)) == ([ring, spoken, hook], [])


def test_however_much_was_said_an_edge_gets_in() -> None:
    inbox = Inbox()
    for at in range(FACTS + 10):
        inbox.put(spurt(at))
    edge = HookChanged(at=5000, is_off_hook=True)
    inbox.put(edge)
    taken = inbox.take(0)

    assert (len(taken), taken[-1], inbox.facts_dropped) == (FACTS + 1, edge, 10)


def test_a_line_that_never_holds_still_is_bounded_too() -> None:
    inbox = Inbox()
    for at in range(3 * FACTS):
        inbox.put(RingLineChanged(at=at, is_active=bool(at % 2)))

    assert (inbox.facts_waiting, inbox.facts_dropped) == (2 * FACTS, FACTS)


def test_audio_that_does_not_fit_is_counted_and_what_follows_says_so() -> None:
    inbox = Inbox()
    for at in range(AUDIO_BLOCKS + 3):
        inbox.put_audio(block(at))
    for _ in range(AUDIO_BLOCKS):
        inbox.take_audio(0)
    inbox.put_audio(block(9000))
    inbox.put_audio(block(9020))

    assert inbox.audio_dropped == 3
    assert inbox.take_audio(0) == Audio(at=9000, pcm=b"", is_after_loss=True)
    assert inbox.take_audio(0) == block(9020)


def test_that_there_is_no_audio_gets_in_however_much_there_was() -> None:
    inbox = Inbox()
    lost = PartLost(at=9000, part=Part.TAP, detail="unplugged")
    for at in range(AUDIO_BLOCKS):
        inbox.put_audio(block(at))
    inbox.put_audio(lost)
    taken = [inbox.take_audio(0) for _ in range(AUDIO_BLOCKS + 1)]

    assert (taken[-1], inbox.audio_waiting) == (lost, 0)
