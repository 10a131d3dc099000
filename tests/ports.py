"""Ports for servers of tests."""

import socket


def reserved_port() -> socket.socket:
    """A free port of this machine, which nobody else is given as long as the socket is open.

    A server that allows addresses to be used again, as most do, can listen on it all the same.
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved
