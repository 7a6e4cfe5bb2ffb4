"""Plain classes as Ray actors: started, asked, and spread over."""

from tasks.actors.spreading import WorkerStalled
from tasks.actors.workers import RayWorkers

__all__ = ["RayWorkers", "WorkerStalled"]
