"""The command line: it asks a book and prints the answer, and decides no number."""
