"""The use cases of a node: observe, keep, deliver, announce, report health. What they need from outside is in ports.py."""
