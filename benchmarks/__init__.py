"""Seconds and memory of whole runs, stage by stage: ``python -m benchmarks``."""
