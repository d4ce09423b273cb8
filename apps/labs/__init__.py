"""实训: labs that people do in a small network of their own and that look at what is really there."""
