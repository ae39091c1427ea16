"""Incidents reach people by mail and by webhook, routed by severity and channel (FLT-01, NTF-04)."""
