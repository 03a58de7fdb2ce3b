"""Notices: what somebody has to be told of, shown in the admin and sent by e-mail."""
