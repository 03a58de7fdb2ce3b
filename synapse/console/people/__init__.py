"""People and what they may do: users, the four roles, the first administrator."""
