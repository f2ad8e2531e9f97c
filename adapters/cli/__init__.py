"""The command line: it asks a book and prints the answer, as a table or as JSON. It decides no number."""
