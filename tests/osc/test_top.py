"""synthctl top as a performer has it: in a terminal, in place, and gone without a trace.

usage: test_top.py SYNTHCTL DOUBLE"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time

from rig import Double, Skipped, run_tests

SYNTHCTL, PROGRAM = sys.argv[1:3]
PATIENCE_S = 60.0

ENTER, LEAVE = "\033[?1049h\033[?25l", "\033[?25h\033[?1049l"
HOME, WIPE_LINE = "\033[H", "\033[K"


def set_size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Terminal:
    """synthctl in a terminal of its own."""

    def __init__(self, *words, env, rows=24, columns=80, kind="xterm"):
        try:
            self.pid, self.fd = pty.fork()
        except OSError as reason:  # some containers have no /dev/pts
            raise Skipped(reason) from reason
        if self.pid == 0:
            set_size(sys.stdin.fileno(), rows, columns)
            os.execve(SYNTHCTL, [SYNTHCTL, *words], dict(env, TERM=kind))
        self.shown = ""

    def resize(self, rows, columns):
        """The system tells the program, as when somebody drags the window's corner."""
        set_size(self.fd, rows, columns)

    def press(self, key):
        os.write(self.fd, key)

    def read(self):
        """Takes what there is to read; returns False when nothing comes any more."""
        if not select.select([self.fd], [], [], PATIENCE_S)[0]:
            raise AssertionError(f"nothing more came after {self.shown!r}")
        try:
            self.shown += os.read(self.fd, 65536).decode()
            return True
        except OSError:  # nobody has the other end
            return False

    def await_words(self, words, start=0):
        """Waits until they are shown behind `start`; returns where they begin."""
        while words not in self.shown[start:]:
            assert self.read(), f"ended without {words!r} in {self.shown!r}"
        return self.shown.index(words, start)

    def end(self):
        """Waits for the end; returns the exit code."""
        while self.read():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def arguments(double, *words):
    return ["top", "--port", str(double.port), *words]


def ctrl_c_ends_it_and_the_terminal_is_as_it_was():
    with Double(PROGRAM) as double:
        terminal = Terminal(*arguments(double), env=double.env)
        terminal.await_words("memory")
        terminal.press(b"\003")
        assert terminal.end() == 0
        shown = terminal.shown.replace("^C", "")
        assert shown.startswith(ENTER) and shown.endswith(LEAVE), shown
        assert shown.count(ENTER) == shown.count(LEAVE) == 1


def termination_gives_the_terminal_back_too():
    with Double(PROGRAM) as double:
        for number in (signal.SIGTERM, signal.SIGHUP):
            terminal = Terminal(*arguments(double), env=double.env)
            terminal.await_words("memory")
            os.kill(terminal.pid, number)
            assert terminal.end() == 0
            assert terminal.shown.endswith(LEAVE), terminal.shown


def ctrl_c_does_not_wait_for_an_engine_that_is_silent():
    with tempfile.TemporaryDirectory() as folder, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        terminal = Terminal("top", "--host", "127.0.0.1", "--port", str(silent.getsockname()[1]),
                            "--timeout", "86400", env=dict(os.environ, XDG_RUNTIME_DIR=folder))
        terminal.await_words(ENTER)
        assert silent.recv(65536)  # it has asked
        terminal.press(b"\003")
        assert terminal.end() == 0
        assert terminal.shown.endswith(LEAVE) and "waiting" not in terminal.shown, terminal.shown


def ctrl_z_gives_it_back_until_it_goes_on():
    with Double(PROGRAM) as double:
        terminal = Terminal(*arguments(double), env=double.env)
        terminal.await_words("memory")
        terminal.press(b"\032")
        left = terminal.await_words(LEAVE)
        _, status = os.waitpid(terminal.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        os.kill(terminal.pid, signal.SIGCONT)
        entered = terminal.await_words(ENTER, left)
        terminal.await_words("memory", entered)
        terminal.press(b"\003")
        assert terminal.end() == 0
        assert terminal.shown.endswith(LEAVE)


def it_is_drawn_in_place_and_as_large_as_the_terminal():
    with Double(PROGRAM) as double:
        terminal = Terminal(*arguments(double), env=double.env, rows=4, columns=30)
        first = terminal.await_words(HOME)
        while terminal.shown[first:].count(WIPE_LINE) < 4:
            assert terminal.read()
        terminal.resize(50, 100)
        terminal.await_words("memory", first)
        terminal.press(b"\003")
        assert terminal.end() == 0
        drawings = [re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", text).rstrip()
                    for text in terminal.shown.replace("^C", "").split(HOME)[1:]]
        small = [text for text in drawings if "memory" not in text]
        assert small and all(len(line.rstrip("\r")) <= 30 for text in small
                             for line in text.split("\n")), drawings
        assert all(text.count("\n") < 4 for text in small), drawings


def once_and_elsewhere_nothing_steers_a_terminal():
    with Double(PROGRAM) as double:
        done = subprocess.run([SYNTHCTL, *arguments(double, "--seconds", "1.5")],
                              capture_output=True, text=True, env=double.env, timeout=PATIENCE_S)
        assert done.returncode == 0 and "\033" not in done.stdout, done
        assert len(re.findall(r"(?m)^synthd ", done.stdout)) >= 1
        for words, kind in ((["--once"], "xterm"), (["--seconds", "0.1"], "dumb")):
            terminal = Terminal(*arguments(double, *words), env=dict(double.env, NO_COLOR="1"),
                                kind=kind)
            assert terminal.end() == 0
            assert "\033" not in terminal.shown and "memory" in terminal.shown


def report_that_goes_nowhere_is_an_error():
    with Double(PROGRAM) as double, open("/dev/full", "w") as full:
        done = subprocess.run([SYNTHCTL, *arguments(double)], stdout=full, stderr=subprocess.PIPE,
                              text=True, env=double.env, timeout=PATIENCE_S)
        assert done.returncode == 15 and "cannot write" in done.stderr, done


def next_report(process):
    assert select.select([process.stdout], [], [], PATIENCE_S)[0]
    return json.loads(process.stdout.readline())


def engine_that_ends_is_waited_for():
    with tempfile.TemporaryDirectory() as folder:
        link = os.path.join(folder, "engine.sock")
        with Double(PROGRAM) as double:
            os.symlink(double.path, link)
            process = subprocess.Popen([SYNTHCTL, "top", "--json", "--socket", link],
                                       stdout=subprocess.PIPE, text=True)
            assert next_report(process)["engine"]["audio"] == "double"
        report = next_report(process)
        while "error" not in report:
            report = next_report(process)
        assert report["code"] in (3, 22), report
        time.sleep(0.5)  # it has been said
        with Double(PROGRAM) as double:
            os.unlink(link)
            os.symlink(double.path, link)
            report = next_report(process)
            assert report.get("engine", {}).get("audio") == "double", report
            process.send_signal(signal.SIGINT)
            process.stdout.read()
            assert process.wait(PATIENCE_S) == 0
        process.stdout.close()


def engine_that_never_was_is_said_and_is_an_error():
    with tempfile.TemporaryDirectory() as folder:
        words = [SYNTHCTL, "top", "--socket", folder + "/none"]
        done = subprocess.run([*words, "--seconds", "0.5"], capture_output=True, text=True,
                              timeout=PATIENCE_S)
        assert done.returncode == 3 and "start one with ./play or synthd" in done.stderr, done
        assert done.stdout.count("waiting for it") == 1, done
        done = subprocess.run([*words, "--once"], capture_output=True, text=True,
                              timeout=PATIENCE_S)
        assert done.returncode == 3 and done.stdout == "", done
        terminal = Terminal("top", "--socket", folder + "/none", env=os.environ, columns=300)
        terminal.await_words("waiting for it, 1 s")
        terminal.press(b"\003")
        assert terminal.end() == 0 and terminal.shown.endswith(LEAVE)


run_tests([
    ctrl_c_ends_it_and_the_terminal_is_as_it_was,
    termination_gives_the_terminal_back_too,
    ctrl_c_does_not_wait_for_an_engine_that_is_silent,
    ctrl_z_gives_it_back_until_it_goes_on,
    it_is_drawn_in_place_and_as_large_as_the_terminal,
    once_and_elsewhere_nothing_steers_a_terminal,
    report_that_goes_nowhere_is_an_error,
    engine_that_ends_is_waited_for,
    engine_that_never_was_is_said_and_is_an_error,
])
