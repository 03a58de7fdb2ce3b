"""The lowest floor: databases, processes and text; what every other room stands on and what knows no app."""
