"""The admin: its one site, and the bases of editable and read-only pages, panels, filters and imports."""
