"""Notices: what somebody has to be told of, shown in the admin and sent by e-mail through an outbox.

Raised and resolved by any room (raising.py, an upsert by kind and key). Their mails are rows of an outbox (outbox.py)
for those who may act on them (recipients.py), sent at least once by the supervisor's rounds (sending.py,
background.py).
"""
