"""Clients of the outside world, which all trust the same authorities."""

import ssl
from functools import cache

import httpx


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the list of authorities takes 40 ms of processor time: once in a process is enough."""
    return httpx.create_ssl_context()


def new_client(timeout: httpx.Timeout) -> httpx.Client:
    """A client that follows no redirect: a platform's answer never sends our keys elsewhere."""
    return httpx.Client(timeout=timeout, follow_redirects=False, verify=_trusted())
