"""Files of other tools, and any table that a mapping file explains."""
