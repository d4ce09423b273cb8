"""Watching networks: measured every second, kept for a year in a file that does not grow, alerts and where they go."""
