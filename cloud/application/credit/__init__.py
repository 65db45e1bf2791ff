"""Points granted and reversed, accounts shown, rates computed."""
