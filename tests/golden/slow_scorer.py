"""Stands in for a scorer of reasoning-gym that does not end."""

import time


def score(*_: object) -> str:
    """Sleeps for longer than any limit of ours."""
    time.sleep(600)
    return "full_score"
