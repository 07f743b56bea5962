"""The running device: everything that has threads, clocks, sockets and lost parts, and that a replay does without."""
