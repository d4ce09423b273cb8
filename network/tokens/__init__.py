"""Private keys in hardware: made and used inside a PKCS#11 token, which never gives them out.

    address   which token, and how it is reached (a `pkcs11:` address, RFC 7512)
    reference what a key vault keeps in place of such a key: the address and the public half
    pins      where the token's PIN comes from; it is never kept
    device    the token's library, called by one thread with a limit on waiting
    key       the key as everything above knows one: it signs, and cannot be written down

Above this package nothing tells such a key from any other: `network.keys` reads what a vault keeps.
"""
