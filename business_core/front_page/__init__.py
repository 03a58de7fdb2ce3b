"""The business core's part of the front page: the queue of the day, and what can be done from it."""
