"""Evidence packages: what was registered, by whom and when, checkable without CityChain."""
