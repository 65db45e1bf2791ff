"""What is done with the ledger as a whole: exported, published, printed for inspectors, and what stands beside it erased."""
