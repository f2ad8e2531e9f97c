"""Margin terms that venues have published, as dated data: one TOML file a venue."""
