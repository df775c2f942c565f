"""Processes without sockets: timers, sweeps, webhooks and whatever else works off the store."""
