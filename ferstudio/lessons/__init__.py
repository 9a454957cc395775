"""Guided lessons: a question, a guess, what the networks really do, and a sentence to take home."""
