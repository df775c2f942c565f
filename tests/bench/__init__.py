"""Benchmarks: run by `kentongan bench NAME [--json] [--quick]`, never as timed tests."""
