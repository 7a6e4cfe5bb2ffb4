"""The practice teacher: solves questions from their text or from golds that it is given, and errs at known rates."""

from tasks.practice.rates import endpoint

__all__ = ["endpoint"]
