"""The page 监控: how the network is now, how it was, and what is not as it should be."""

from console.pages.monitor.page import MonitorPage

__all__ = ["MonitorPage"]
