"""Questions: what pages and programs are shown."""
