"""The bridge between the platform's threads and the window's: reads, jobs, events, the stall watchdog."""

from console.tasks.runner import JobView, Tasks
from console.tasks.watchdog import Watchdog

__all__ = ["JobView", "Tasks", "Watchdog"]
