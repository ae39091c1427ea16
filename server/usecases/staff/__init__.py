"""People, their badges and sign-ins."""
