"""siteopt: which everyday outlets, in which vacant spaces, so that the most people can walk to what they need."""

__version__ = "0.1.0"
