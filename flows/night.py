"""What is deployed to Prefect, before Prefect is imported."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from schemas.configuration import RunConfiguration
from schemas.recycling import RecycleConfiguration
from schemas.until import Until
from tasks.curation.policy import Policy
from warehouse.place import place_at


@dataclass(frozen=True)
class Night:
    """What is deployed: over which warehouse, with which parameters, and when it begins."""

    name: str
    """Of every deployment."""
    warehouse: Path
    configuration: RunConfiguration
    until: Until = Until.SCORE
    when: str | timedelta | None = None
    """Cron in UTC, or the time between runs; None: by hand."""
    recycling: RecycleConfiguration | None = None
    policy: Policy | None = None

    @property
    def address(self) -> str:
        return place_at("--warehouse", self.warehouse).address

    @property
    def queue(self) -> str:
        """One for each warehouse: its limit of 1 is over all flows."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.address).strip("-")

    @property
    def rhythm(self) -> str:
        """For a person."""
        if self.when is None:
            return "by hand"
        return f"at {self.when} (UTC)" if isinstance(self.when, str) else f"every {self.when}"
