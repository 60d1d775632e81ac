/* One test's surroundings: a folder, a UDP port and a name for a JACK server that are its own, and
 * every process that it starts. All of it is taken away again by the teardown, which cmocka calls
 * for a test that failed too. Should the test itself be killed, the kernel ends its children.
 *
 * The test process is the subreaper of all below it: whatever a synthd leaves behind when it ends
 * becomes the test's own child, and can be seen.
 *
 * Anything here that goes wrong fails the test. */
#ifndef SY_TESTS_RIG_STAGE_H
#define SY_TESTS_RIG_STAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SY_PATIENCE_NS 60000000000 /* what takes longer than this will not come any more */

typedef struct SyStage {
    char folder[64]; /* where all that is started works; in it: patches, the project's; test, the
                        tests' */
    char server[32]; /* JACK_DEFAULT_SERVER for all that is started */
    int port;        /* free on the loopback, and reserved by `lock_fd` */
    int lock_fd;
    struct SyKept *kept;  /* memory that lives as long as the stage */
    const char *logs[64]; /* of what runs in the background; shown at the end */
    size_t n_logs;
    int n_synths; /* started so far */
} SyStage;

/* For cmocka's fixtures; *state becomes the stage. */
int sy_stage_setup(void **state);
int sy_stage_teardown(void **state);

#define sy_stage_test(name) cmocka_unit_test_setup_teardown(name, sy_stage_setup, sy_stage_teardown)

/* Hands memory from malloc() to the stage, which frees it. Returns it. */
void *sy_stage_keep(SyStage *stage, void *memory);

/* printf into the stage's memory. */
char *sy_stage_text(SyStage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The path of a file in the folder, in the stage's memory. */
const char *sy_stage_path(SyStage *stage, const char *name);

/* Writes a file of the folder; reads one whole (with a 0 behind it; *size may be NULL). */
void sy_stage_write(SyStage *stage, const char *name, const char *text);
char *sy_stage_read(SyStage *stage, const char *name, size_t *size);

/* Whether two files of the folder hold the same bytes, and at least one. */
bool sy_stage_same(SyStage *stage, const char *a, const char *b);

/* What a finished program did. `code` is its exit code, or 256 + the signal that ended it. */
typedef struct SyRun {
    int code;
    const char *out, *err;
} SyRun;

/* How a program is started. */
typedef struct SyStart {
    const char *const *arguments; /* NULL-terminated; [0] is a path, or looked up in PATH */
    const char *input;            /* standard input, or NULL for none */
    const char *out, *err; /* files in the folder for what it says; sy_stage_run has its own */
    void (*prepare)(void *user); /* called in the child, before it becomes the program; or NULL */
    void *user;
} SyStart;

/* Runs a program to its end. */
SyRun sy_stage_run(SyStage *stage, const SyStart *start);

/* Starts a program that stays, and returns its pid. */
pid_t sy_stage_launch(SyStage *stage, const SyStart *start);

/* Waits for a child's end; returns as SyRun.code. */
int sy_stage_wait(pid_t pid);

/* "a b c" as arguments, behind `first`. */
const char *const *sy_stage_arguments(SyStage *stage, const char *first, const char *format,
                                      va_list values);

/* CLOCK_MONOTONIC. */
int64_t sy_stage_now_ns(void);
void sy_stage_pause_ms(int ms);

/* Looks every few milliseconds whether `condition` holds; the test fails if it never does. */
#define sy_await(condition)                                                                        \
    do {                                                                                           \
        const int64_t until_ = sy_stage_now_ns() + SY_PATIENCE_NS;                                 \
        while (!(condition)) {                                                                     \
            if (sy_stage_now_ns() > until_) {                                                      \
                fail_msg("waited in vain for: %s", #condition);                                    \
            }                                                                                      \
            sy_stage_pause_ms(3);                                                                  \
        }                                                                                          \
    } while (0)

#endif
