"""Files between desks: archives of one root (CAR) in signed requests, checked block by block by whoever reads them.

`archive` sends any part of one, `incoming` takes one in, `door` serves an organisation's files, `carrier` fetches and
hands in, `handing` remembers what still waits to be handed in.
"""
