"""The bundled speech model: how it is made from what may be shipped, and measured. README.md beside this file."""
