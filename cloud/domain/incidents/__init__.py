"""What happens: alerts, the incidents they belong to, what hides what, and when nodes are silent."""
