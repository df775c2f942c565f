"""A child process for the supervisor's tests: `python -m tests.support.child MANNER`.

ready: says so and waits to be ended. echo: says what it read. end: ends at once with code 3.
stubborn: does not hear SIGTERM. silent: never says that it is ready.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, "pid": os.getpid(), **fields}), flush=True)


def main(manner: str) -> int:
    if manner == "end":
        return 3
    if manner == "echo":
        say("read", text=sys.stdin.read())
    if manner == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if manner != "silent":
        print("not JSON", flush=True)
        say("child_ready")
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
