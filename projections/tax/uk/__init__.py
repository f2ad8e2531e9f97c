"""United Kingdom, an individual. Every number of the law stands in law.py."""
