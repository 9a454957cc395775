"""One package per tab: its events, its cards, its figures and its words."""
