"""The upper floor: pages and jobs that span all apps; the front page, operations, health, people, navigation."""
