"""What becomes of a parcel after it has left: one vocabulary, one state, alarms by rule. Standard library only."""
