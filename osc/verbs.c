/* The verbs and their help. */
#include "osc/ctl.h"

const SyVerbInfo sy_verbs[] = {
    {"create", sy_verb_create, "make a module",
     "usage: synthctl create TYPE [--id N] [--voices N] [--PARAMETER VALUE]... [--file PATH]\n"
     "\n"
     "Makes a module; prints its name, the worker it went to and how long that took. Without\n"
     "--id it takes the lowest number that is free.\n"
     "A module with several voices plays chords; a cable carries all voices of its output.\n"
     "`synthctl types` lists the types, `synthctl describe TYPE` their parameters. A value beyond\n"
     "its range stops where the knob would, and you are told.\n"
     "Some types are made from a sound file. It is read before this returns, and what cannot be\n"
     "read makes no module.\n"
     "\n"
     "  synthctl create vco\n"
     "  synthctl create vco --id 1 --freq 110 --voices 8\n"
     "  osc=$(synthctl create vco --freq 55 | cut -d' ' -f1)\n"},
    {"destroy", sy_verb_many, "remove modules, with their cables",
     "usage: synthctl destroy MODULE...\n"
     "\n"
     "  synthctl destroy vcf/1\n"
     "  synthctl destroy vco/1 vco/2\n"
     "  synthctl destroy 'vco/*'\n"},
    {"revive", sy_verb_many, "let a module run again that was put in quarantine",
     "usage: synthctl revive MODULE...\n"
     "\n"
     "A module that brings its workers down again and again is put in quarantine: it is silent,\n"
     "or a vcf lets its input through, and the rest plays on. `synthctl ls` shows which are there\n"
     "and why. Reviving starts a module from its beginning, with its parameters and cables as\n"
     "they are; if it fails again, it is put back. Of a pattern only those in quarantine are\n"
     "revived.\n"
     "\n"
     "  synthctl revive vco/1\n"
     "  synthctl revive vco/1 vcf/1\n"
     "  synthctl revive '*/*'\n"},
    {"connect", sy_verb_line, "patch an output into an input",
     "usage: synthctl connect OUTPUT INPUT [--gain G]\n"
     "\n"
     "Several cables into one input are added up. The gain (1) may be negative; connecting again\n"
     "changes it.\n"
     "\n"
     "  synthctl connect vco/1/saw vcf/1/in\n"
     "  synthctl connect lfo/1/sine vcf/1/fm --gain 0.5\n"},
    {"disconnect", sy_verb_line, "take a cable out",
     "usage: synthctl disconnect OUTPUT INPUT\n"
     "\n"
     "  synthctl disconnect vco/1/saw vcf/1/in\n"},
    {"set", sy_verb_set, "turn a knob",
     "usage: synthctl set PARAMETER VALUE\n"
     "\n"
     "A value beyond its range stops where the knob would, and you are told. Switches take the\n"
     "names of their positions.\n"
     "\n"
     "  synthctl set vcf/1/cutoff 800\n"
     "  synthctl set '/vco/*/freq' 220\n"
     "  synthctl set '{vco,lfo}/[1-4]/freq' 3\n"
     "\n"
     "A module that is made from a sound file is given another in the same way: set TYPE/1/file\n"
     "PATH. It plays on until the new one has been read, and keeps the old one if it cannot be.\n"},
    {"get", sy_verb_get, "read a knob",
     "usage: synthctl get PARAMETER|MODULE\n"
     "\n"
     "One parameter is printed as a bare number, several with their names.\n"
     "\n"
     "  synthctl get vcf/1/cutoff\n"
     "  synthctl get vcf/1\n"
     "  synthctl get 'vco/*/freq' --json\n"},
    {"note", sy_verb_line, "play a note on a keys module",
     "usage: synthctl note MODULE NOTE [VELOCITY]\n"
     "\n"
     "NOTE is a MIDI number, 0 to 127, fractions allowed; 60 is middle C. VELOCITY is 0 to 127,\n"
     "100 unless given; 0 lets the note go.\n"
     "\n"
     "  synthctl note keys/1 60\n"
     "  synthctl note keys/1 60 0\n"},
    {"ls", sy_verb_ls, "list the patch: modules and cables",
     "usage: synthctl ls [PATTERN]\n"
     "\n"
     "Shows each module's voices, the worker it lives on and what a block of it costs; and if it\n"
     "is in quarantine, why, or in how many blocks it made something that is not a number.\n"
     "\n"
     "  synthctl ls\n"
     "  synthctl ls 'vco/*'\n"
     "  synthctl ls --json\n"},
    {"types", sy_verb_types, "list the module types",
     "usage: synthctl types\n"
     "\n"
     "Works without an engine.\n"
     "\n"
     "  synthctl types\n"
     "  synthctl types --json\n"},
    {"describe", sy_verb_describe, "show a type's inputs, outputs and parameters",
     "usage: synthctl describe TYPE\n"
     "\n"
     "Works without an engine.\n"
     "\n"
     "  synthctl describe vcf\n"
     "  synthctl describe vcf --json\n"},
    {"workers", sy_verb_workers, "show the worker processes, or change their number",
     "usage: synthctl workers [N]\n"
     "\n"
     "  synthctl workers\n"
     "  synthctl workers 4\n"},
    {"status", sy_verb_status, "show how the engine is doing",
     "usage: synthctl status [--wait] [--timeout S]\n"
     "\n"
     "With --wait it asks until an engine answers, for scripts that have just started one.\n"
     "\n"
     "  synthctl status\n"
     "  synthctl status --wait --timeout 10\n"
     "  synthctl status --json\n"},
    {"top", sy_verb_top, "watch a playing engine: load, workers, the dearest modules",
     "usage: synthctl top [--once] [--seconds S]\n"
     "\n"
     "Shows once a second how the engine is doing, its workers, and the modules that cost most, "
     "as\n"
     "many as the terminal is high. period is a module's share of the time that a block has. "
     "Ctrl-C\n"
     "ends it, --seconds after so long, --once after one report. If stdout is no terminal, one\n"
     "report follows the other; with --json each is an object on one line. An engine that ends is\n"
     "waited for.\n"
     "\n"
     "  synthctl top\n"
     "  synthctl top --once\n"
     "  synthctl top --json --seconds 60 > set.jsonl\n"},
    {"graph", sy_verb_graph, "draw the patch as the engine plays it",
     "usage: synthctl graph [--dot]\n"
     "\n"
     "Shows the modules in the order in which they are computed, the worker each lives on, what a\n"
     "block of it costs, and where its outputs go. Each level stands further to the right: it\n"
     "hears those before it. A large patch is a list with one line a module. ~ is a module in a\n"
     "feedback loop. With --dot it is written for graphviz, one cluster a worker.\n"
     "\n"
     "  synthctl graph\n"
     "  synthctl graph --dot | dot -Tsvg > patch.svg\n"},
    {"trace", sy_verb_trace, "record what the engine does, for Perfetto",
     "usage: synthctl trace [--level LEVEL] [-o FILE [--seconds S]]\n"
     "\n"
     "Levels: basic     modules made, workers that died, late blocks, quarantines, new plans\n"
     "        detailed  and every block and every task, with its worker\n"
     "        complete  and every module in every block\n"
     "With -o the engine records for S seconds (5) and writes FILE, whole or not at all, and only\n"
     "over another trace; --level is then for this time only. Open the file at ui.perfetto.dev or\n"
     "chrome://tracing: a track for each worker. Blocks that could not be recorded are counted.\n"
     "Without -o it sets the level until it is set again, or shows what it is.\n"
     "\n"
     "  synthctl trace -o trace.json --level complete --seconds 2\n"
     "  synthctl trace --level detailed\n"
     "  synthctl trace\n"},
    {"save", sy_verb_save, "write the patch to a file",
     "usage: synthctl save FILE\n"
     "\n"
     "The engine writes the file, whole or not at all. A file that is no patch is not "
     "overwritten.\n"
     "\n"
     "  synthctl save set.synth\n"},
    {"load", sy_verb_load, "replace the patch by a file's",
     "usage: synthctl load FILE\n"
     "\n"
     "The whole patch changes at once, or not at all if a line is wrong. Modules that are in both\n"
     "play on.\n"
     "\n"
     "  synthctl load patches/demo.synth\n"},
    {"run", sy_verb_run_file, "carry out a file of synthctl lines, one by one",
     "usage: synthctl run FILE\n"
     "\n"
     "Lines are verbs without \"synthctl\"; # begins a comment; - is standard input. It stops at "
     "the\n"
     "first line that fails and names it. Other than load it adds to the patch that plays.\n"
     "\n"
     "  synthctl run patches/voice.synth\n"
     "  echo 'set vco/1/freq 55' | synthctl run -\n"},
    {"clear", sy_verb_line, "remove all modules",
     "usage: synthctl clear\n"
     "\n"
     "  synthctl clear\n"},
    {"render", sy_verb_render, "play a patch into a WAV file, faster than real time",
     "usage: synthctl render PATCH -o OUT.wav --seconds S [--workers N] [--block B] [--rate R]\n"
     "                       [--placement auto|spread|pack]\n"
     "\n"
     "Starts a synthd of its own for it; none needs to be running. The sound is the same with any\n"
     "number of workers and in any blocks; those of 512 frames, which it takes by itself, are the\n"
     "quickest as a rule.\n"
     "\n"
     "  synthctl render patches/demo.synth -o demo.wav --seconds 60\n"
     "  synthctl render patches/demo.synth -o demo.wav --seconds 5 --workers 4 --block 64\n"},
    {"quit", sy_verb_quit, "end the engine",
     "usage: synthctl quit\n"
     "\n"
     "Returns when it has ended, so that another can be started at once.\n"
     "\n"
     "  synthctl quit\n"},
    {"version", sy_verb_version, "show the versions of synthctl and of the engine",
     "usage: synthctl version\n"
     "\n"
     "  synthctl version\n"},
    {NULL, NULL, NULL, NULL},
};
