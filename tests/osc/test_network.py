"""Who is let in when the engine listens on a network: one made of two addresses, in a network
namespace of the test's own.

usage: test_network.py SYNTHCTL DOUBLE     (77: the system does not allow such a namespace)"""
import json
import os
import socket
import struct
import subprocess
import sys
import time

SYNTHCTL, PROGRAM = sys.argv[1:3]
FRIEND, STRANGER = "10.9.9.1", "10.9.9.2"

if len(sys.argv) < 4:
    # Once more, inside: as root of the namespace, with addresses that are not loopback's.
    setup = f"ip link set lo up && ip addr add {FRIEND}/32 dev lo && ip addr add {STRANGER}/32 dev lo"
    if subprocess.run(["unshare", "-rn", "sh", "-c", setup], capture_output=True).returncode:
        print("no network namespace to be had here (unshare -rn, ip)")
        sys.exit(77)
    os.execvp("unshare", ["unshare", "-rn", "sh", "-c", setup + ' && exec "$@"', "sh",
                          sys.executable, __file__, SYNTHCTL, PROGRAM, "inside"])

from rig import Double, run_tests  # noqa: E402


def padded(text):
    data = text.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def message(address, word=None, number=None):
    types = "," + ("s" if word else "") + ("i" if number is not None else "")
    data = padded(address) + padded(types)
    data += padded(word) if word else b""
    return data + (struct.pack(">i", number) if number is not None else b"")


def ask(source, port, packet, timeout):
    """Sends a packet from an address; returns the answer, or None when there is none in time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((source, 0))
        client.settimeout(timeout)
        client.sendto(packet, (FRIEND, port))
        try:
            return client.recv(65536)
        except socket.timeout:
            return None


def refused(double):
    done = subprocess.run([SYNTHCTL, "status", "--json", "--port", str(double.port)],
                          env=double.env, capture_output=True, check=True)
    return json.loads(done.stdout)["osc"]["refused"]


def only_those_who_are_allowed_are_heard():
    with Double(PROGRAM, "0.0.0.0", FRIEND) as double:
        assert b"/synced" in ask(FRIEND, double.port, message("/sync", number=1), 10)
        for count in range(1, 4):
            send(STRANGER, double.port, message("/quit"))
            # The status has gone in behind the packet, and both sockets are read in turn.
            deadline = time.monotonic() + 10
            while refused(double) < count:
                assert time.monotonic() < deadline, "a stranger was heard"
        assert b"/synced" in ask(FRIEND, double.port, message("/sync", number=2), 10)


def send(source, port, packet):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((source, 0))
        client.sendto(packet, (FRIEND, port))


def files_are_not_for_the_network():
    with Double(PROGRAM, "0.0.0.0", "any") as double:
        path = double.file("x.synth")
        answer = ask(STRANGER, double.port, message("/load", path), 10)
        assert b"files are for this machine's users only" in answer, answer
        answer = ask(STRANGER, double.port, message("/save", path), 10)
        assert b"files are for this machine's users only" in answer, answer
        assert not os.path.exists(path)


run_tests([only_those_who_are_allowed_are_heard, files_are_not_for_the_network])
