"""What residents and volunteers earn for verified, useful acts, and the rates that organisations are shown."""
