"""Clients that write down every request and answer while servers and databases die, and who checks it afterwards."""
