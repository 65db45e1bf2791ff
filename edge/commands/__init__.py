"""What `tocsin-edge` can be asked beside running a node: of its outbox, of its cards."""
