"""Between the core and the world: each module translates for one device or library and owns its lifetime.

Adapters hold no threshold and no phone rule. One that cannot work raises `HardwareError`; a simulated one is
used only where it was asked for by name (law 10).
"""
