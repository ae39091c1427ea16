"""The supervisors' live page."""
