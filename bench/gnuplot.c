/* Script and drawing go through files without a name, so that neither waits for the other and
 * nothing is left behind. */
#include "bench/gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends with what the program does, or with 127 if there is none. Without an `out` it only says its
 * version, and is not heard. */
static int run(FILE *in, FILE *out)
{
    char program[] = "gnuplot", version[] = "--version";
    char *argv[] = {program, out ? NULL : version, NULL};
    posix_spawn_file_actions_t actions;
    int status = 0;
    pid_t child;

    posix_spawn_file_actions_init(&actions);
    if (out) {
        posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
    } else {
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    const bool started = posix_spawnp(&child, program, &actions, NULL, argv, environ) == 0;
    if (started) {
        waitpid(child, &status, 0);
    }
    posix_spawn_file_actions_destroy(&actions);
    return started && WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

bool sy_gnuplot_is_there(void)
{
    static int is_there = -1;

    if (is_there < 0) {
        is_there = run(NULL, NULL) == 0;
    }
    return is_there;
}

/* All of a file from its beginning, with a 0 behind it. */
static char *read_all(FILE *file)
{
    char *text = NULL;
    size_t room = 0;

    rewind(file);
    if (getdelim(&text, &room, '\0', file) < 0) {
        free(text);
        return NULL;
    }
    return text;
}

char *sy_gnuplot_run(const char *script)
{
    FILE *in = tmpfile(), *out = tmpfile();
    char *text = NULL;

    if (in && out && fputs(script, in) >= 0 && fflush(in) == 0) {
        lseek(fileno(in), 0, SEEK_SET);
        text = run(in, out) == 0 ? read_all(out) : NULL;
    }
    if (in) {
        fclose(in);
    }
    if (out) {
        fclose(out);
    }
    return text;
}
