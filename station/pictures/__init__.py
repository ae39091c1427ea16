"""Product pictures: the files a bench keeps, and what a terminal has to be sent to show them. Imports
``station.terminal`` and ``station.files`` only; the screens draw what it prepares (``station.widgets.photo``)."""
