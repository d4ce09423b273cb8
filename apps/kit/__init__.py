"""What applications made of kinds share above the ledger: manifest, words, ledger client, service, commands, inbox."""
