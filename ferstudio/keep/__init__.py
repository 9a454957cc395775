"""What leaves the page: figures, numbers, reports, and recipes that repeat an answer."""
