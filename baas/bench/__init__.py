"""Benchmarks: each module holds one click command `bench`, mounted as `citychain bench <module>`."""
