"""How networks are judged."""
