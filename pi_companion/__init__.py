"""The desk-phone companion: a recorded or live call goes in, coaching and one MUTE key come out."""

__version__ = "0.1.0"
