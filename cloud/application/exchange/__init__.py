"""Offers and needs posted and matched; small tasks claimed, done and confirmed."""
