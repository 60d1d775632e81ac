#include "engine/thread.h"

#include <string.h>
#include <sys/prctl.h>

/* A thread is born with the name of the one that makes it, which bears the new one's for that
 * moment. A thread that named itself would go by another name until it first has a CPU, which
 * may take long after whoever asks has been told that the engine is ready. */
int sy_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument)
{
    char own[16] = "";

    prctl(PR_GET_NAME, own, 0, 0, 0);
    prctl(PR_SET_NAME, name, 0, 0, 0);
    const int error = pthread_create(thread, NULL, run, argument);
    prctl(PR_SET_NAME, own, 0, 0, 0);
    return error;
}

static char *command_line;
static size_t command_line_bytes;

void sy_process_name_init(int argc, char **argv)
{
    char *end = argv[0];
    for (int i = 0; i < argc && argv[i] == end; i++) {
        end += strlen(end) + 1;
    }
    command_line = argv[0];
    command_line_bytes = (size_t)(end - argv[0]);
}

void sy_process_name(const char *name)
{
    prctl(PR_SET_NAME, name, 0, 0, 0);
    if (command_line_bytes > 1) {
        memset(command_line, 0, command_line_bytes);
        strncpy(command_line, name, command_line_bytes - 1);
    }
}
