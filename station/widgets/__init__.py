"""Parts of a picture: block letters, verdict band, status line, lists. Imports text, views and wording; no bench."""
