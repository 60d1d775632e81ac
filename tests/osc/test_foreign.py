"""Clients that other people wrote can play synthd: oscsend and liblo's Python binding.

usage: test_foreign.py DOUBLE     (77: a client is not installed)"""
import shutil
import subprocess
import sys
import time

from rig import Double, run_tests

try:
    import liblo
except ImportError:
    print("python3-liblo is not installed")
    sys.exit(77)
if not shutil.which("oscsend"):
    print("oscsend (liblo-tools) is not installed")
    sys.exit(77)

PROGRAM = sys.argv[1]


class Client:
    """liblo's own server and sender on one port, with all that it has heard."""

    def __init__(self, double):
        self.server = liblo.Server()
        self.server.add_method(None, None, self.hear)
        self.heard = []
        self.target = liblo.Address("127.0.0.1", double.port)

    def hear(self, path, args, types, source):
        self.heard.append((path, types, args))

    def say(self, *message):
        self.server.send(self.target, *message)

    def expect(self, path, types):
        deadline = time.monotonic() + 10
        while not self.heard:
            assert time.monotonic() < deadline, f"waited for {path} in vain"
            self.server.recv(100)
        heard = self.heard.pop(0)
        assert heard[0] == path and heard[1] == types, f"heard {heard}, not {path} {types}"
        return heard[2]


def oscsend(double, *arguments):
    subprocess.run(["oscsend", "127.0.0.1", str(double.port), *arguments], check=True)


def liblo_creates_sets_and_reads_a_module():
    with Double(PROGRAM) as double:
        client = Client(double)
        client.say("/create", ("s", "vco"), ("i", 1), ("s", "freq"), ("f", 110.0), ("i", 7))
        assert client.expect("/done", "ssifi")[1:] == ["/vco/1", 1, 12.5, 7]
        client.say("/vco/1/freq", 220.0)
        client.say("/vco/1/freq")
        assert client.expect("/vco/1/freq", "f") == [220.0]
        client.say("/vco/1/fm_mode", True)
        client.say("/vco/1/fm_mode")
        assert client.expect("/vco/1/fm_mode", "f") == [1.0]
        client.say("/nonsense", 1)
        assert client.expect("/fail", "ssi")[2] == 25


def liblo_s_bundle_is_one_datagram_and_its_answers_too():
    with Double(PROGRAM) as double:
        client = Client(double)
        bundle = liblo.Bundle(liblo.Message("/create", "vco", 1), liblo.Message("/create", "vcf", 1),
                              liblo.Message("/connect", "vco/1/saw", "vcf/1/in", 0.5))
        client.say(bundle)
        assert client.expect("/done", "ssif")[1] == "/vco/1"
        assert client.expect("/done", "ssif")[1] == "/vcf/1"
        assert client.expect("/done", "sssf") == ["/connect", "/vco/1/saw", "/vcf/1/in", 0.5]


def liblo_s_late_bundle_is_played_and_answered():
    with Double(PROGRAM) as double:
        client = Client(double)
        client.say("/create", "vco", 1)
        client.expect("/done", "ssif")
        client.say(liblo.Bundle(liblo.time() - 5.0, liblo.Message("/vco/1/freq", 99.0)))
        # The double's clock stands at frame 0 of 1970: no bundle is late by it, so it is scheduled.
        client.say("/vco/1/freq")
        assert client.expect("/vco/1/freq", "f") == [99.0]


def liblo_hears_what_oscsend_does():
    with Double(PROGRAM) as double:
        client = Client(double)
        client.say("/notify", 1)
        client.expect("/done", "sii")
        oscsend(double, "/create", "sisf", "vco", "3", "freq", "55")
        assert client.expect("/created", "s") == ["/vco/3"]
        oscsend(double, "/vco/3/freq", "i", "440")
        assert client.expect("/vco/3/freq", "f") == [440.0]
        oscsend(double, "/vco/*/freq", "d", "441.5")
        assert client.expect("/vco/3/freq", "f") == [441.5]
        oscsend(double, "/destroy", "s", "vco/3")
        assert client.expect("/destroyed", "s") == ["/vco/3"]


def liblo_speaks_by_the_unix_socket():
    with Double(PROGRAM) as double:
        # liblo's unix sockets have no name, so they cannot be answered; a subscriber is the witness.
        witness = Client(double)
        witness.say("/notify", 1)
        witness.expect("/done", "sii")
        liblo.send(liblo.Address("osc.unix://" + double.path), "/create", "vco", 4)
        assert witness.expect("/created", "s") == ["/vco/4"]


def a_list_reaches_liblo_whole():
    with Double(PROGRAM) as double:
        client = Client(double)
        for start in range(1, 301, 50):
            client.say(liblo.Bundle(*[liblo.Message("/create", "lfo", i)
                                      for i in range(start, start + 50)]))
            for _ in range(50):
                client.expect("/done", "ssif")
        client.say("/list")
        for i in range(1, 301):
            assert client.expect("/list.module", "siifsis")[0] == f"/lfo/{i}"
        assert client.expect("/done", "sii") == ["/list", 300, 0]


run_tests([
    liblo_creates_sets_and_reads_a_module,
    liblo_s_bundle_is_one_datagram_and_its_answers_too,
    liblo_s_late_bundle_is_played_and_answered,
    liblo_hears_what_oscsend_does,
    liblo_speaks_by_the_unix_socket,
    a_list_reaches_liblo_whole,
])
