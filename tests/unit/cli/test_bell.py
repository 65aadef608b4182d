"""A signal that arrives at any moment of a wait ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

from watchbill.cli.bell import Bell

_LOOP = """
import os, signal, sys
from watchbill.cli.bell import Bell
bell = Bell()
bell.end_on_signals()
print(flush=True)
while not bell.ended:
    bell.wait(0.0001)
bell.ended = False
"""


def test_signals_at_any_moment_end_the_loop() -> None:
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", _LOOP], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(5):
            process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, -signal.SIGINT)
        process.stdout.close()


def test_a_ring_before_the_wait_counts_and_counts_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    bell.wait(30)
    threading.Timer(0.05, bell.ring).start()
    bell.wait(30)
    bell.wait(0.01)
    assert not bell.ended


def test_a_signal_ends_a_long_wait() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        bell = Bell()
        bell.end_on_signals()
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        began = time.monotonic()
        bell.wait(60)
        assert bell.ended
        assert time.monotonic() - began < 50
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
