"""Harness and cables, drawn by WireViz."""
