"""The practice teacher: solves questions from their text alone, and errs at known rates."""

from tasks.practice.rates import endpoint

__all__ = ["endpoint"]
