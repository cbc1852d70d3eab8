"""What tests may connect to: the servers they start on this machine."""

from __future__ import annotations

from connector.outbound import Outbound, private_network

NETWORK = "127.0.0.0/8"
LOOPBACK = Outbound(private=(private_network(NETWORK),))
