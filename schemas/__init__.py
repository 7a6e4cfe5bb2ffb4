"""Frozen records, enumerations, run configuration and errors: the only place where columns are written down."""
