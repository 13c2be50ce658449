"""The worker without counters is the worker, but for these."""

import subprocess
import sys

LOOK = """
from bench import uncounted
uncounted.forget_counters()
from server import worker
from store import projecting, recipient_rows
assert worker.keep_counting is uncounted.count_nothing
assert projecting.note_recipients is uncounted.note_nobody
assert recipient_rows.note_recipients is uncounted.note_nobody
"""


def test_nothing_is_noted_and_nothing_counts() -> None:
    # In a process of its own: what follows in this one is to be counted.
    subprocess.run([sys.executable, "-c", LOOK], check=True)
