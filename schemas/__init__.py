"""What goes over the wire between node and cloud, and exactly what it means. Imports nothing else of ours."""
