"""The JavaScript client and the pages' pure modules, in node's own test runner."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

TESTS = Path(__file__).parent / "js"


@pytest.mark.timeout(120)
def test_the_javascript_tests_pass() -> None:
    """Every test beside this file holds; the node that Playwright brings runs them, so none need be installed."""
    node = compute_driver_executable()[0]
    files = sorted(str(path) for path in TESTS.glob("*.test.mjs"))
    assert files
    done = subprocess.run(
        [node, "--import", str(TESTS / "register.mjs"), "--test", *files],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
