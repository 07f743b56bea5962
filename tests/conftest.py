"""What holds for every test."""

from hypothesis import settings

# No example has a deadline: a machine that is busy with something else is no defect of ours.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
