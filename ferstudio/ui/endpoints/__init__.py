"""The endpoints of the page's server: what programs ask it."""
