"""The nodes: what they are, what they are told, who they are let in as, and how far their streams have come."""
