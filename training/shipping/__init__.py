"""Weights folders with their cards: exported, measured, balanced, joined."""
