"""The rules, as pure functions over frozen values: facts in, decision out. Imports the standard library only."""
