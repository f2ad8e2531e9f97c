"""The doors: the log, the importers, the command line. The only room that touches files, clocks and databases."""
