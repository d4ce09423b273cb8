"""The way from the embedded ledger to Fabric on the same chain: read it, replay it on real peers, hand it over."""
