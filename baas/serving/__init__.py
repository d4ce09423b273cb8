"""Serving without a desktop: parts that run until they are told to end, and duties that recur meanwhile."""
