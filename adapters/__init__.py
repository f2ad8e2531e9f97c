"""The doors: the log, the importers, the command line. Only here are files, clocks, databases."""
