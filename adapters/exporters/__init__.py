"""Doors out: finished reports become files. An exporter knows no log."""
