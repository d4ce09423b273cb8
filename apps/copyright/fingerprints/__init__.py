"""Fingerprints that survive what copies do to a work: recoding, resizing, cropping, mirroring, excerpting, cutting.

Each module turns decoded content into small arrays; `worker` decodes hostile files in a process of its own; `extract`
is what the services call.
"""
