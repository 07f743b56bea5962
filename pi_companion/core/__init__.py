"""The pure core: facts in, effects out, deadlines; standard library only, no clock (laws 1 and 2)."""
