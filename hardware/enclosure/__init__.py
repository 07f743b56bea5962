"""The box around the Pi, its carrier board and the hood for a lamp: numbers, rules, model, pictures."""
