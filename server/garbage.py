"""When Python looks for garbage: seldom, and not among what a process keeps for good."""

import gc

COLLECTED_OBJECTS = 100_000
"""New objects between two collections of garbage: a batch makes that many and keeps none, so that
Python's own number (700) has it search again and again for cycles that are not there."""


def settle() -> None:
    """Call it once, when what the process keeps (modules, settings, the schema) has been made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_OBJECTS, 20, 50)
