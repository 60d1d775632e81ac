#include "tests/rig/stage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/process.h"

/* Below the ports that the kernel gives to clients. */
#define FIRST_PORT 20000
#define PORTS      12000

#define LOG_LINES 12

typedef struct SyKept {
    struct SyKept *next;
    void *memory;
} SyKept;

int64_t sy_stage_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void sy_stage_pause_ms(int ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}

/* Memory and files. */

void *sy_stage_keep(SyStage *stage, void *memory)
{
    SyKept *kept = malloc(sizeof(*kept));
    assert_non_null(memory);
    assert_non_null(kept);
    *kept = (SyKept){stage->kept, memory};
    stage->kept = kept;
    return memory;
}

char *sy_stage_text(SyStage *stage, const char *format, ...)
{
    va_list values;
    char *text = NULL;

    va_start(values, format);
    assert_true(vasprintf(&text, format, values) >= 0);
    va_end(values);
    return sy_stage_keep(stage, text);
}

const char *sy_stage_path(SyStage *stage, const char *name)
{
    return sy_stage_text(stage, "%s/%s", stage->folder, name);
}

void sy_stage_write(SyStage *stage, const char *name, const char *text)
{
    FILE *file = fopen(sy_stage_path(stage, name), "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static char *read_all(SyStage *stage, int fd, size_t *size)
{
    struct stat info;
    size_t n = 0;

    assert_int_equal(fstat(fd, &info), 0);
    char *bytes = sy_stage_keep(stage, malloc((size_t)info.st_size + 1));
    while (n < (size_t)info.st_size) {
        const ssize_t got = pread(fd, bytes + n, (size_t)info.st_size - n, (off_t)n);
        assert_true(got >= 0);
        if (got == 0) {
            break;
        }
        n += (size_t)got;
    }
    bytes[n] = '\0';
    if (size) {
        *size = n;
    }
    return bytes;
}

char *sy_stage_read(SyStage *stage, const char *name, size_t *size)
{
    const char *path = sy_stage_path(stage, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail_msg("%s: %s", path, strerror(errno));
    }
    char *bytes = read_all(stage, fd, size);
    close(fd);
    return bytes;
}

bool sy_stage_same(SyStage *stage, const char *a, const char *b)
{
    size_t a_size, b_size;
    const char *a_bytes = sy_stage_read(stage, a, &a_size);
    const char *b_bytes = sy_stage_read(stage, b, &b_size);
    return a_size == b_size && a_size > 0 && memcmp(a_bytes, b_bytes, a_size) == 0;
}

/* Processes. */

const char *const *sy_stage_arguments(SyStage *stage, const char *first, const char *format,
                                      va_list values)
{
    char *text = NULL, *rest = NULL;
    size_t n = 0;

    assert_true(vasprintf(&text, format, values) >= 0);
    sy_stage_keep(stage, text);
    const char **arguments = sy_stage_keep(stage, calloc(strlen(text) / 2 + 3, sizeof(char *)));
    arguments[n++] = first;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        arguments[n++] = word;
    }
    return arguments;
}

static void set_environment(const SyStage *stage)
{
    setenv("XDG_RUNTIME_DIR", stage->folder, 1);
    setenv("XDG_STATE_HOME", stage->folder, 1);
    setenv("XDG_CACHE_HOME", "nowhere", 0); /* nothing is measured unless a test wants it */
    setenv("JACK_DEFAULT_SERVER", stage->server, 1);
    setenv("JACK_NO_START_SERVER", "1", 1);
    setenv("NO_COLOR", "1", 1);
}

static int open_in(const SyStage *stage, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", stage->folder, name ? name : "/dev/null");
    return open(name ? path : "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0666);
}

/* In the child; a way out with code 127 tells that it never became the program. The program is
 * opened before `prepare` may give away the right to. */
static void become(const SyStage *stage, const SyStart *start, const int fds[3], pid_t parent)
{
    const char *program = start->arguments[0];
    char *const *arguments = (char *const *)(uintptr_t)start->arguments;
    const int file = strchr(program, '/') ? open(program, O_RDONLY | O_CLOEXEC) : -1;

    for (int i = 0; i < 3; i++) {
        dup2(fds[i], i);
    }
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    set_environment(stage);
    if (chdir(stage->folder) < 0) {
        _exit(127);
    }
    if (start->prepare) {
        start->prepare(start->user);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* not before `prepare`: another user id clears it */
    if (getppid() != parent) {
        _exit(127);
    }
    if (file >= 0 && start->prepare) {
        fexecve(file, arguments, environ);
    } else {
        execvp(program, arguments);
    }
    dprintf(2, "%s: %s\n", program, strerror(errno));
    _exit(127);
}

static pid_t start_with(SyStage *stage, const SyStart *start, const int fds[3])
{
    const pid_t parent = getpid();
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        become(stage, start, fds, parent);
    }
    return pid;
}

static int code_of(int status)
{
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

int sy_stage_wait(pid_t pid)
{
    int status = 0;

    if (!sy_process_await_end(pid, SY_PATIENCE_NS)) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        fail_msg("process %d did not end by itself", (int)pid);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return code_of(status);
}

static int input_of(const SyStart *start)
{
    if (!start->input) {
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    const int fd = memfd_create("input", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, start->input, strlen(start->input)), strlen(start->input));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

SyRun sy_stage_run(SyStage *stage, const SyStart *start)
{
    const int fds[3] = {input_of(start), memfd_create("out", MFD_CLOEXEC),
                        memfd_create("err", MFD_CLOEXEC)};
    const pid_t pid = start_with(stage, start, fds);
    SyRun run = {.code = sy_stage_wait(pid)};

    run.out = read_all(stage, fds[1], NULL);
    run.err = read_all(stage, fds[2], NULL);
    for (int i = 0; i < 3; i++) {
        close(fds[i]);
    }
    return run;
}

static void keep_log(SyStage *stage, const char *name)
{
    for (size_t i = 0; i < stage->n_logs; i++) {
        if (name && strcmp(stage->logs[i], name) == 0) {
            return;
        }
    }
    if (name && stage->n_logs < sizeof(stage->logs) / sizeof(stage->logs[0])) {
        stage->logs[stage->n_logs++] = name;
    }
}

pid_t sy_stage_launch(SyStage *stage, const SyStart *start)
{
    const int fds[3] = {input_of(start), open_in(stage, start->out), open_in(stage, start->err)};
    const pid_t pid = start_with(stage, start, fds);

    for (int i = 0; i < 3; i++) {
        close(fds[i]);
    }
    keep_log(stage, start->err);
    return pid;
}

/* Setup and teardown. */

/* A port of 127.0.0.77 is held as long as the stage uses the same port of 127.0.0.1, so that no two
 * stages, whoever runs them, get the same. */
static int reserve_port(int *lock_fd)
{
    for (int i = 0; i < PORTS; i++) {
        const int port = FIRST_PORT + (getpid() * 7 + i) % PORTS;
        const struct sockaddr_in lock = {.sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)port),
                                         .sin_addr.s_addr = htonl(0x7f00004d)};
        struct sockaddr_in wanted = lock;
        wanted.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        *lock_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const bool is_free =
            bind(*lock_fd, (const struct sockaddr *)(const void *)&lock, sizeof(lock)) == 0 &&
            bind(probe, (const struct sockaddr *)(const void *)&wanted, sizeof(wanted)) == 0;
        close(probe);
        if (is_free) {
            return port;
        }
        close(*lock_fd);
    }
    fail_msg("no free port");
    return 0;
}

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    /* The name of a unix socket in it has 107 bytes at the most. */
    return folder && strlen(folder) < 30 ? folder : "/tmp";
}

static void link_folder(SyStage *stage, const char *variable, const char *name)
{
    if (getenv(variable)) {
        assert_int_equal(symlink(getenv(variable), sy_stage_path(stage, name)), 0);
    }
}

int sy_stage_setup(void **state)
{
    SyStage *stage = calloc(1, sizeof(*stage));

    assert_non_null(stage);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    snprintf(stage->folder, sizeof(stage->folder), "%s/synthd-test-XXXXXX", temporary_folder());
    assert_non_null(mkdtemp(stage->folder));
    stage->port = reserve_port(&stage->lock_fd);
    snprintf(stage->server, sizeof(stage->server), "synthd-test-%d", stage->port);
    link_folder(stage, "SYNTHD_PATCHES", "patches");
    link_folder(stage, "SYNTHD_TEST_PATCHES", "test");
    *state = stage;
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

/* The last lines of what was complained about. */
static void show_log(SyStage *stage, const char *name)
{
    const char *text = sy_stage_read(stage, name, NULL);
    const char *from = text + strlen(text);

    for (int lines = 0; from > text && (from[-1] != '\n' || lines++ < LOG_LINES + 1);) {
        from--;
    }
    while (*from) {
        const int length = (int)strcspn(from, "\n");
        fprintf(stderr, "    | %.*s\n", length, from);
        from += length + (from[length] == '\n');
    }
}

int sy_stage_teardown(void **state)
{
    SyStage *stage = *state;

    sy_process_end_all(getpid());
    for (size_t i = 0; i < stage->n_logs; i++) {
        show_log(stage, stage->logs[i]);
    }
    nftw(stage->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    close(stage->lock_fd);
    while (stage->kept) {
        SyKept *kept = stage->kept;
        stage->kept = kept->next;
        free(kept->memory);
        free(kept);
    }
    free(stage);
    return 0;
}
