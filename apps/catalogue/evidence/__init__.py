"""What the catalogue hands to strangers: packages with a record's whole life, checked offline by one file."""
