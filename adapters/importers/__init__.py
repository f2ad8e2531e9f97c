"""Doors in: files of venues and the native file, read row by row into events about to be recorded."""
