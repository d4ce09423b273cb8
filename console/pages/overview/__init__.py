"""总览: what runs, what needs attention, what to do next; in an empty workspace, where to begin."""

from console.pages.overview.page import OverviewPage

__all__ = ["OverviewPage"]
