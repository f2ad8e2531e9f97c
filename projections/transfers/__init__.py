"""Transfers: which withdrawal and which deposit are two legs of one."""
