"""What is kept and said of it: the ledger, its story in words, and notifications."""
