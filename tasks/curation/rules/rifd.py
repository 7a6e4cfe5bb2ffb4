"""Which rIFD a row must have."""

from tasks.curation.rules.window import WindowRule, window


class RifdRule(WindowRule):
    """Reasons: `too_low`, `too_high`, `not_scored`."""

    statements = (window("rifd"),)
