"""One file per objective; each holds one class ``Seek``. See ``model/objective.py``."""
