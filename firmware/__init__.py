"""The SD card: how its image is built, what is on it, how it is updated. README.md beside this file."""
