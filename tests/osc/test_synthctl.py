"""synthctl as a person and a script see it: words, exit codes, JSON.

usage: test_synthctl.py SYNTHCTL DOUBLE"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

from rig import Double, run_tests

SYNTHCTL, PROGRAM = sys.argv[1:3]

OK, FAILED, USAGE, NO_ENGINE, UNKNOWN_TYPE, UNKNOWN_MODULE = 0, 1, 2, 3, 4, 5
UNKNOWN_PORT, UNKNOWN_PARAM, ID_IN_USE, ID_RANGE, DIRECTION = 6, 7, 8, 9, 10
VALUE, FILE, SYNTAX, BUSY, TIMEOUT, NOT_QUARANTINED = 12, 15, 16, 19, 22, 27


def run(*words, env=None, stdin=None):
    done = subprocess.run([SYNTHCTL, *words], capture_output=True, text=True, input=stdin,
                          env=env, timeout=60)
    return done.returncode, done.stdout, done.stderr


def expect(code, says, *words, env=None, stdin=None):
    """Runs synthctl; `says` must be in what it prints (on stderr if it fails)."""
    got, out, err = run(*words, env=env, stdin=stdin)
    text = err if code else out
    assert got == code, f"synthctl {' '.join(words)} ended with {got}, not {code}: {out}{err}"
    assert says in text, f"synthctl {' '.join(words)} says {text!r}, not {says!r}"
    return out


def every_verb_has_help_with_an_example():
    out = expect(OK, "usage: synthctl", "--help")
    verbs = [line.split()[0] for line in out.split("usage:")[1].split("options")[0].splitlines()
             if line.startswith("  ")]
    assert len(verbs) >= 19, verbs
    for verb in verbs:
        text = expect(OK, f"usage: synthctl {verb}", verb, "--help")
        assert f"  synthctl {verb}" in text or f"synthctl {verb} " in text.split("\n\n", 2)[2], verb
        assert expect(OK, "usage", "help", verb) == text
    assert "  8  id in use" in out


def wrong_usage_is_explained():
    expect(USAGE, "which verb? `synthctl --help`")
    expect(USAGE, "did you mean 'create'?", "craete", "vco")
    expect(USAGE, "no option --volume", "connect", "a", "b", "--volume", "3")
    expect(USAGE, "usage: connect OUTPUT INPUT", "connect", "a")
    expect(USAGE, "one word too many", "create", "vco", "1")
    expect(USAGE, "--freq needs a value", "create", "vco", "--freq")
    expect(USAGE, "--port needs a value", "ls", "--port")
    expect(USAGE, "--port wants a number from 1 to 65535", "ls", "--port", "http")
    expect(USAGE, "--timeout wants a number", "ls", "--timeout", "nan")
    expect(USAGE, "only status has --wait", "ls", "--wait")
    expect(USAGE, "top does not take '--ones'; `synthctl top --help`", "top", "--ones")
    expect(USAGE, "--once and --seconds exclude each other", "top", "--once", "--seconds", "3")
    expect(USAGE, "--seconds needs a value", "top", "--seconds")
    for wrong in ("soon", "0", "-1", "nan", "1s", ""):
        expect(VALUE, f"--seconds wants a number above 0, not '{wrong}'", "top", "--seconds", wrong)
    expect(USAGE, "graph does not take 'vco/1'; `synthctl graph --help`", "graph", "vco/1")
    expect(USAGE, "--dot and --json exclude each other", "graph", "--dot", "--json")
    expect(USAGE, "`synthctl get --help`", "get")
    expect(USAGE, "'b' is too much", "types", "b")
    expect(VALUE, "'many' is not a number of workers", "workers", "many")
    expect(USAGE, "--host nowhere.invalid:", "ls", "--host", "nowhere.invalid")


def types_are_told_without_an_engine():
    expect(OK, "oscillator", "types")
    names = json.loads(expect(OK, "", "types", "--json"))
    assert list(names)[:3] == ["vco", "vcf", "lfo"], names
    for name in names:
        expect(OK, "parameters", "describe", name)
        told = json.loads(expect(OK, "", "describe", name, "--json"))
        assert told["type"] == name and isinstance(told["parameters"], dict)
    told = json.loads(expect(OK, "", "describe", "vcf", "--json"))
    assert told["parameters"]["cutoff"]["unit"] == "Hz"
    expect(UNKNOWN_TYPE, "did you mean 'vcf'?", "describe", "vfc")


def no_engine_is_told_with_what_to_do():
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, XDG_RUNTIME_DIR=folder,
                   XDG_STATE_HOME=folder)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = str(taken.getsockname()[1])
            expect(TIMEOUT, "no answer from 127.0.0.1", "ls", "--port", port, "--timeout", "0.05",
                   env=env)
            expect(TIMEOUT, "(silence)", "status", "--wait", "--port", port, "--timeout", "0.05",
                   env=env)
        expect(NO_ENGINE, "start one with ./play or synthd", "ls", "--port", port, env=env)
        expect(NO_ENGINE, "no synthd answers at " + folder, "ls", "--socket", folder + "/x")
        expect(NO_ENGINE, "nobody listens there", "status", "--wait", "--port", port, "--timeout",
               "0.05", env=env)
        out = expect(OK, "no synthd at", "version", "--port", port, env=env)
        assert out.startswith("synthctl 0."), out


class Session:
    """synthctl in front of a double."""

    def __init__(self, double):
        self.double = double
        self.env = double.env

    def __call__(self, code, says, *words, stdin=None):
        return expect(code, says, *words, "--port", str(self.double.port), env=self.env,
                      stdin=stdin)


def a_patch_is_made_turned_and_taken_apart():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        assert ctl(OK, "", "create", "vco", "--freq", "110") == "vco/1 on worker 1 in 12 us\n"
        assert ctl(OK, "", "create", "vco").split()[0] == "vco/2"
        assert ctl(OK, "", "create", "vcf/5", "--voices", "4").split()[0] == "vcf/5"
        ctl(ID_IN_USE, "there already", "create", "vco", "--id", "1")
        ctl(ID_RANGE, "1 to 9999", "create", "vco", "--id", "10000")
        ctl(UNKNOWN_PARAM, "did you mean 'freq'?", "create", "vco", "--frq", "3")
        assert ctl(OK, "", "connect", "vco/1/saw", "vcf/5/in", "--gain", "0.5") == ""
        ctl(DIRECTION, "is an input", "connect", "vcf/5/in", "vco/1/saw")
        ctl(UNKNOWN_PORT, "did you mean 'saw'?", "connect", "vco/1/swa", "vcf/5/in")
        ctl(OK, "", "set", "vcf/5/cutoff", "800")
        assert ctl(OK, "", "get", "vcf/5/cutoff") == "800\n"
        assert "vcf/5/cutoff" in ctl(OK, "", "get", "vcf/5")
        ctl(OK, "", "set", "/vco/*/freq", "220")
        assert json.loads(ctl(OK, "", "get", "vco/*/freq", "--json")) == {
            "vco/1/freq": 220, "vco/2/freq": 220}
        ctl(VALUE, "freq must be a number, not 'loud'", "set", "vco/1/freq", "loud")
        ctl(UNKNOWN_MODULE, "no such module", "set", "vco/9/freq", "1")
        listed = json.loads(ctl(OK, "", "ls", "--json"))
        assert [m["module"] for m in listed["modules"]] == ["vco/1", "vco/2", "vcf/5"]
        assert listed["cables"] == [{"from": "vco/1/saw", "to": "vcf/5/in", "gain": 0.5}]
        text = ctl(OK, "vco/1/saw -> vcf/5/in", "ls")
        assert "\033" not in text, "colours belong on a terminal only"
        ctl(OK, "", "disconnect", "vco/1/saw", "vcf/5/in")
        ctl(OK, "", "destroy", "vco/1", "vco/2")
        ctl(UNKNOWN_MODULE, "no such module", "destroy", "vco/1")
        ctl(OK, "", "clear")
        assert ctl(OK, "", "ls") == ""


def a_quarantined_module_is_shown_and_revived():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        for _ in range(2):
            ctl(OK, "", "create", "vco")
        assert "quarantine" not in ctl(OK, "", "ls") + ctl(OK, "", "status")
        assert json.loads(ctl(OK, "", "status", "--json"))["health"]["quarantined"] == 0
        ctl(OK, "", "set", "vco/2/freq", "667")  # which brings the double's modules down
        fault = "SIGSEGV in block 4711 on worker 1"
        row = [line for line in ctl(OK, "", "ls").splitlines() if line.startswith("vco/2")][0]
        assert row.endswith(f"  quarantined: {fault}; `synthctl revive vco/2` tries it again"), row
        ctl(OK, "1 module in quarantine; `synthctl ls` shows why", "status")
        assert json.loads(ctl(OK, "", "status", "--json"))["health"]["quarantined"] == 1
        well, ill = json.loads(ctl(OK, "", "ls", "--json"))["modules"]
        assert (well["quarantined"], well["fault"], well["wild_blocks"]) == (False, "", 0), well
        assert (ill["quarantined"], ill["fault"], ill["wild_blocks"]) == (True, fault, 0), ill
        assert ctl(OK, "", "revive", "vco/2") == ""
        assert "quarantine" not in ctl(OK, "", "ls") + ctl(OK, "", "status")
        ctl(NOT_QUARANTINED, "vco/2 is not in quarantine", "revive", "vco/2")
        ctl(OK, "", "set", "vco/*/freq", "667")
        ctl(OK, "2 modules in quarantine", "status")
        ctl(OK, "", "revive", "vco/1", "vco/2")
        ctl(OK, "", "set", "vco/1/freq", "667")
        assert json.loads(ctl(OK, "", "revive", "*/*", "--json")) == {"done": "revive"}
        ctl(UNKNOWN_MODULE, "no such module", "revive", "vco/9")
        ctl(UNKNOWN_TYPE, "did you mean 'vco'?", "revive", "vcp/1")
        ctl(USAGE, "usage: revive MODULE", "revive")
        ctl(USAGE, "did you mean 'revive'?", "revvie", "vco/1")
        ctl(SYNTAX, "'revive' does not belong in a patch", "load",
            double.file("r.synth", "create vco --id 1\nrevive vco/1\n"))
        code, _, err = run("revive", "vco/1", "--json", "--port", str(double.port), env=double.env)
        told = json.loads(err)
        assert told["code"] == code == NOT_QUARANTINED and told["status"] == "not in quarantine"


def blocks_that_were_muted_are_counted():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        ctl(OK, "", "create", "vco")
        ctl(OK, "", "set", "vco/1/freq", "668")  # which makes the double's modules send NaN
        ctl(OK, "  NaN or Inf muted in 1 block\n", "ls")
        ctl(OK, "", "set", "vco/1/freq", "668")
        ctl(OK, "  NaN or Inf muted in 2 blocks\n", "ls")
        module = json.loads(ctl(OK, "", "ls", "--json"))["modules"][0]
        assert (module["quarantined"], module["wild_blocks"]) == (False, 2), module


def patch_and_engine_are_drawn():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        assert ctl(OK, "", "graph") == ""
        assert ctl(OK, "", "graph", "--dot").startswith("digraph synthd {")
        for line in ("create out --id 1", "create vco --id 1", "connect vco/1/saw out/1/left"):
            ctl(OK, "", *line.split())
        assert [line.split()[0] for line in ctl(OK, "", "graph").splitlines()[:3]] == [
            "module", "vco/1", "out/1"]
        ctl(OK, '"vco/1" -> "out/1" [label="saw -> left"];', "graph", "--dot")
        report = ctl(OK, "load      25.0% of the period", "top", "--once")
        assert "\nplacement auto, 2 workers: the double's reasons\n" in report, report
        assert "     1  running     25.0%        0\n" in report and "\nvco/1  " in report, report
        assert "\033" not in report
        told = json.loads(ctl(OK, "", "top", "--once", "--json"))
        assert told["complete"] and len(told["modules"]) == 2 and told["engine"]["rate"] == 48000


def a_knob_that_stopped_is_told():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        ctl(OK, "", "create", "vco")
        code, out, err = run("set", "vco/1/freq", "99999", "--port", str(double.port),
                             env=double.env)
        assert (code, out) == (OK, "") and "vco/1/freq stops at 20000 (99999 asked)" in err, err
        told = json.loads(ctl(OK, "", "set", "vco/1/freq", "99999", "--json"))
        assert told["value"] == 20000 and told["clamped"]["vco/1/freq"]["now"] == 20000, told


def json_is_on_every_verb_that_prints():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        for words in (["create", "keys"], ["note", "keys/1", "60"], ["set", "keys/1/glide", "0"],
                      ["get", "keys/1"], ["ls"], ["types"], ["describe", "keys"], ["workers"],
                      ["status"], ["top", "--once"], ["graph"], ["version"], ["save", double.file("a")],
                      ["load", double.file("a")], ["clear"]):
            json.loads(ctl(OK, "", *words, "--json"))
        code, _, err = run("get", "vco/7/freq", "--json", "--port", str(double.port),
                           env=double.env)
        told = json.loads(err)
        assert told["code"] == code == UNKNOWN_MODULE and told["status"] == "no such module"


def files_are_run_line_by_line_and_loaded_as_a_whole():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        good = double.file("good.synth", "# one voice\ncreate vco --id 1\n\ncreate out\n"
                                         "connect vco/1/saw out/1/left # loud\n")
        assert ctl(OK, "", "run", good) == ""
        bad = double.file("bad.synth", "create lfo\nset vco/1/freqq 3\ncreate lfo\n")
        ctl(UNKNOWN_PARAM, "bad.synth, line 2: vco has no parameter", "run", bad)
        assert "lfo/2" not in ctl(OK, "lfo/1", "ls")
        assert ctl(OK, "", "run", "-", stdin="get vco/1/freq\n") == "261.6256\n"
        ctl(SYNTAX, "standard input, line 1: a double quote", "run", "-", stdin='create "vco\n')
        ctl(FILE, "No such file", "run", double.file("none"))
        ctl(UNKNOWN_PARAM, "line 2: vco has no parameter 'freqq'", "load",
            double.file("b.synth", "create vco --id 1\nset vco/1/freqq 3\n"))
        assert "lfo/1" in ctl(OK, "", "ls")
        ctl(OK, "", "load", good)
        assert "lfo/1" not in ctl(OK, "vco/1", "ls")
        saved = double.file("saved.synth")
        ctl(OK, "", "save", saved)
        with open(saved) as file:
            assert file.read() == ("# synthd patch\ncreate vco --id 1\ncreate out --id 1\n"
                                   "connect vco/1/saw out/1/left\n")
        ctl(FILE, "is not a patch", "save", double.file("letter", "Dear friend\n"))


def relative_paths_are_this_shell_s():
    with Double(PROGRAM) as double:
        done = subprocess.run(
            [os.path.abspath(SYNTHCTL), "save", "here.synth", "--port", str(double.port)],
            cwd=double.folder.name, env=double.env, timeout=60)
        assert done.returncode == 0 and os.path.exists(double.file("here.synth"))


def the_unix_socket_comes_first_and_udp_stands_in():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        ctl(OK, double.path, "version")
        os.unlink(double.path)
        ctl(OK, "127.0.0.1", "version")
        expect(OK, "127.0.0.1", "version", "--host", "127.0.0.1", "--port", str(double.port))


def status_waits_and_quit_returns_when_it_is_over():
    with Double(PROGRAM) as double:
        ctl = Session(double)
        ctl(OK, "double", "status", "--wait")
        told = json.loads(ctl(OK, "", "status", "--json"))
        assert told["rate"] == 48000 and told["osc"]["malformed"] == 0
        ctl(OK, "placement auto, 2 workers: the double's reasons\n", "status")
        assert told["placement"] == "auto" and told["placement_why"].startswith("2 workers"), told
        ctl(OK, "", "quit")
        ctl(NO_ENGINE, "no synthd answers", "ls")


def padded(text):
    return text.encode() + b"\0" * (4 - len(text) % 4)


def clear_an_engine_that_is_busy(times):
    """What `synthctl clear` ends with, and how often the engine is asked: it has no room so many times."""
    asked = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as engine:
        engine.bind(("127.0.0.1", 0))

        def answer():
            while len(asked) <= times:
                packet, client = engine.recvfrom(1024)
                asked.append(packet)
                if len(asked) <= times:
                    reply = (padded("/fail") + padded(",ssii") + padded("/clear") + padded("no room")
                             + BUSY.to_bytes(4, "big") + packet[-4:])
                else:
                    reply = padded("/done") + padded(",si") + padded("/clear") + packet[-4:]
                engine.sendto(reply, client)

        threading.Thread(target=answer, daemon=True).start()
        code, _, err = run("--host", "127.0.0.1", "--port", str(engine.getsockname()[1]), "clear")
    return code, err, len(asked)


def a_busy_engine_is_asked_again():
    assert clear_an_engine_that_is_busy(3) == (OK, "", 4)
    code, err, _ = clear_an_engine_that_is_busy(10000)
    assert code == BUSY and "no room" in err, (code, err)


def render_checks_before_it_starts():
    with tempfile.TemporaryDirectory() as folder:
        def patch(text):
            path = os.path.join(folder, "p.synth")
            with open(path, "w") as file:
                file.write(text)
            return path
        expect(USAGE, "which patch?", "render")
        expect(USAGE, "-o OUT.wav is missing", "render", patch(""))
        expect(USAGE, "--seconds is missing", "render", patch(""), "-o", "x.wav")
        expect(USAGE, "no option --loud", "render", patch(""), "--loud")
        expect(USAGE, "-o needs a value", "render", patch(""), "-o")
        expect(UNKNOWN_TYPE, "line 1: no module type 'vxo'", "render", patch("create vxo\n"), "-o",
               "x.wav", "--seconds", "1")
        expect(FILE, "No such file", "render", folder + "/none", "-o", "x.wav", "--seconds", "1")


run_tests([
    every_verb_has_help_with_an_example,
    wrong_usage_is_explained,
    types_are_told_without_an_engine,
    no_engine_is_told_with_what_to_do,
    a_patch_is_made_turned_and_taken_apart,
    a_quarantined_module_is_shown_and_revived,
    blocks_that_were_muted_are_counted,
    patch_and_engine_are_drawn,
    a_knob_that_stopped_is_told,
    json_is_on_every_verb_that_prints,
    files_are_run_line_by_line_and_loaded_as_a_whole,
    relative_paths_are_this_shell_s,
    the_unix_socket_comes_first_and_udp_stands_in,
    status_waits_and_quit_returns_when_it_is_over,
    a_busy_engine_is_asked_again,
    render_checks_before_it_starts,
])
