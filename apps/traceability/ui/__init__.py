"""What of traceability's page is made by hand: the goods' graph, capture, the reach of a recall."""
