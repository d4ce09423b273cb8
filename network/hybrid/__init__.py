"""One organisation's peers run Fabric's own program while all other nodes of the network stay embedded."""
