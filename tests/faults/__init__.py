"""A real city, broken on purpose, and then compared: see `tests/faults/__main__.py`."""
