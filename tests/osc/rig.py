"""Starts the double and synthctl for tests, in a folder of their own."""
import os
import subprocess
import sys
import tempfile
import traceback


class Double:
    """A server in front of the double of the engine; use it in a with statement."""

    def __init__(self, program, *arguments):
        self.command = [program, *arguments]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="synthd-test-")
        self.env = dict(os.environ, XDG_RUNTIME_DIR=self.folder.name,
                        XDG_STATE_HOME=self.folder.name,
                        XDG_CACHE_HOME="nowhere")
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=self.env, text=True)
        port, self.path = self.process.stdout.readline().split()
        self.port = int(port)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.stdin.close()
        code = self.process.wait(10)
        self.process.stdout.close()
        self.folder.cleanup()
        assert code == 0, f"the double ended with {code}"

    def file(self, name, text=None):
        path = os.path.join(self.folder.name, name)
        if text is not None:
            with open(path, "w") as out:
                out.write(text)
        return path


class Skipped(Exception):
    """The machine has not what a test needs."""


def run_tests(tests):
    """Runs functions, tells of each, and ends the program: with 1 if any failed, else with 77 if any was skipped."""
    failed = skipped = 0
    for test in tests:
        try:
            test()
            print("ok    ", test.__name__)
        except Skipped as reason:
            skipped += 1
            print("skipped", test.__name__ + ":", reason)
        except Exception:  # whatever it is, the test has failed
            failed += 1
            print("FAILED", test.__name__)
            traceback.print_exc(file=sys.stdout)
    sys.exit(1 if failed else 77 if skipped else 0)
