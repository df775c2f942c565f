"""Processes without sockets: timers and whatever else works off the store."""
