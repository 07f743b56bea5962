"""What does the running device change about its process? How it stops, how threads take turns, what a dead one says.

All of it is put back when the block ends: a test is a process, too.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Final

SWITCH_S: Final = 0.0005
"""A thread that computes lets the deciding one in after so long; Python's own 5 ms would be all an edge may take."""


class ThreadDied(RuntimeError):
    """A thread of the device ended by a defect; half a device is none. Its cause is the defect."""


@contextmanager
def owned(
    heed: Callable[[int, FrameType | None], None], mourn: Callable[[threading.ExceptHookArgs], object]
) -> Iterator[None]:
    """Have SIGTERM and SIGINT heeded, and a thread that dies of a defect mourned, until the block ends."""
    with ExitStack() as stack:
        for number in (signal.SIGTERM, signal.SIGINT):
            stack.callback(signal.signal, number, signal.signal(number, heed))
        stack.callback(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(SWITCH_S)
        stack.callback(setattr, threading, "excepthook", threading.excepthook)
        threading.excepthook = mourn
        yield
