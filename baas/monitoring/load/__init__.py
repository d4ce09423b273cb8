"""Load tests: calls under way on a running network, more and more of them, until something limits it, and what that is.

driving   makes the calls and times their three stages: endorsed, ordered, committed
machine   what processors and disk did meanwhile
verdict   names the knob that limits, with the figures that say so; knows nothing but figures
running   one load test of one network: its contract, its identity, its report, and cleaning up
"""
