"""What a team can learn from its mistakes: one module a kind of task, and what they share."""
