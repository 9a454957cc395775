"""The Feature space tab."""
