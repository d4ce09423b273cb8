"""食品抽检: the application of the guide (docs/application-guide.md)."""
