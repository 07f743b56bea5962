"""`python -m pi_companion` is the command line."""

from pi_companion.cli import main

main()
