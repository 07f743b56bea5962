"""How well does it hear? Measured on labelled speech beside two simple ways of doing it; generated, never typed."""
