"""Germany, a private holder. Every number of the law stands in law.py."""
