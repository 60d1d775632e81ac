"""Scores for rendering: OSC bundles with their times, each with its size in front."""
import struct

ROOM = 6000  # bytes of a bundle: the server reads no more than 8,192 at once


def padded(data):
    """Filled up with zeros to four bytes."""
    return data + b"\0" * (-len(data) % 4)


def message(address, *arguments):
    """An OSC message of int, float, str and bytes."""
    tags, body = ",", b""
    for value in arguments:
        if isinstance(value, int):
            tags, body = tags + "i", body + struct.pack(">i", value)
        elif isinstance(value, float):
            tags, body = tags + "f", body + struct.pack(">f", value)
        elif isinstance(value, str):
            tags, body = tags + "s", body + padded(value.encode("ascii") + b"\0")
        else:
            tags, body = tags + "b", body + struct.pack(">i", len(value)) + padded(value)
    return padded(address.encode("ascii") + b"\0") + padded(tags.encode("ascii") + b"\0") + body


def bundle(seconds, messages):
    """A bundle at a time since the score's begin, with its size in front."""
    whole = int(seconds)
    data = b"#bundle\0" + struct.pack(">II", whole, int((seconds - whole) * 2 ** 32))
    data += b"".join(struct.pack(">i", len(item)) + item for item in messages)
    return struct.pack(">i", len(data)) + data


def score(messages, seconds):
    """The bytes of a score in which all messages come at 0, in bundles as large as may be, and which ends at
    `seconds`."""
    bundles, waiting, size = [], [], 0
    for item in messages:
        if waiting and size + len(item) > ROOM:
            bundles.append(bundle(0, waiting))
            waiting, size = [], 0
        waiting.append(item)
        size += len(item) + 4
    bundles.append(bundle(0, waiting))
    bundles.append(bundle(seconds, [message("/c_set", 0, 0.0)]))
    return b"".join(bundles)
