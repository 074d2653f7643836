"""One file per planning rule; each holds one class ``Rule``. See ``model/constraint.py``."""
