"""Offers and needs, small tasks that residents may claim, and the work that only those qualified for it may do."""
