"""How a recurring or disputed matter is decided: what opens a topic, what is proposed, how votes count, what came of it."""
