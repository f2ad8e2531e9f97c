"""Taxes: one folder a country, each a reader of the same disposals."""
