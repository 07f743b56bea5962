"""How does somebody with a soldering iron know that a unit works? One part at a time: `pi-companion board`.

A step says what to do and what to expect, reads the unit, and says what to do if it is otherwise. The steps know no
hardware: a `rig.Rig` is the unit on the desk, or the simulated one of `bench.workshop`, asked for by name (law 10).
"""
