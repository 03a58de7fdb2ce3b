"""Operating-system processes: supervised, ended with their parent, and the address of the web server."""
