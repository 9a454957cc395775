"""Feature vectors of faces, and where they lie among others."""
