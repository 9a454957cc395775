"""A class guesses: each phone votes once, and only counts are kept, in memory, for a round."""
