"""What IT edits on the boot partition, what a station becomes of it, and how both are kept through a power cut."""
