"""Messages to people and systems: addressed, sent, withdrawn, and what is known of how to reach them."""
