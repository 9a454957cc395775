"""What the shell prints and draws of faces from files."""
