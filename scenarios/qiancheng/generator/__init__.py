"""Draws the invented town of scenarios/qiancheng. Run ``make.py``; nothing here is imported by siteopt."""
