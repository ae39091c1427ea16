"""One picture for each kind of view: a pure function from view and sheet to rows. Imports station.widgets; no bench."""
