"""What nodes say, made durable: telemetry, events, births and health."""
