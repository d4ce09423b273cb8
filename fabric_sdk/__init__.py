"""A Python SDK for Hyperledger Fabric 2.5 and 3.x; see README.md in this folder."""
