"""The one site of all admin pages: the theme's, with a search of its own."""
