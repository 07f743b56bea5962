"""Recorded and replayed sessions: call folders in, event streams out, and the score of one against the other."""
