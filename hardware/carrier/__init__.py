"""The carrier board on the Pi's header: its layout, its KiCad project, and what `make carrier` makes of them."""
