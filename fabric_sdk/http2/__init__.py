"""gRPC over HTTP/2 without input or output: bytes in, happenings out, bytes out.

`engine` is one HTTP/2 connection (on libnghttp2, or on h2 where that is not installed), `framing` what gRPC adds to
it, `calls` a client's calls. Sockets and TLS belong to who uses them: `fabric_sdk.gateway` and the embedded ledger.
"""
