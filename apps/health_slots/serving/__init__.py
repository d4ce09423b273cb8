"""What is served to others: the open board for everybody, the FHIR interface for booking portals."""
