"""The lowest floor: databases, processes and text, which every other package may import and which knows no app."""
