"""The practice teacher: solves questions from their text alone, and errs at known rates."""

from tasks.practice.rates import endpoint

ENDPOINT = endpoint("mild")
"""Who answers when nothing else is asked for: the identity that call keys hold."""
