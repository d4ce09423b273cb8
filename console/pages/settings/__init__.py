"""设置: language, appearance, the workspace with its backup."""

from console.pages.settings.page import SettingsPage

__all__ = ["SettingsPage"]
