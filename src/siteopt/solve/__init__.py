"""From an integer program to an answer with a bound. Knows the nouns ``program`` (and what it names), no outlet."""
