"""Doors in: files of venues and the native file, row by row, as events about to be recorded."""
