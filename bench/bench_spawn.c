/* What it costs to have somebody at work: the reason why workers are forked beforehand.
 *
 * Each way is timed from the request until the new process, or the one that was waiting, has said
 * that it runs.  All ways take turns in every round.
 */
#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/noise.h"
#include "engine/ring.h"

#define BIG_BYTES        (50u << 20)
#define POOL_EACH_ROUND  20
#define NOISE_EACH_ROUND 2

/* A process that waits for requests on a socket. */
typedef struct Helper {
    pid_t pid;
    int socket;
} Helper;

static pid_t fork_bound(void)
{
    const pid_t child = fork();
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return child;
}

static bool helper_start(Helper *helper, void (*serve)(int socket))
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return sy_bench_fail("socketpair");
    helper->pid = fork_bound();
    if (helper->pid == 0) {
        close(pair[0]);
        serve(pair[1]);
        _exit(0);
    }
    close(pair[1]);
    helper->socket = pair[0];
    return helper->pid > 0 || sy_bench_fail("fork");
}

static void helper_stop(Helper *helper)
{
    close(helper->socket);
    kill(helper->pid, SIGKILL);
    waitpid(helper->pid, NULL, 0);
}

/* Forks children that run `program`, or that have nothing to do when it is NULL, and times them. */
static bool time_fork(const char *program, uint64_t *ns)
{
    int ready[2];
    char fd[12], byte;
    if (pipe2(ready, O_CLOEXEC) != 0)
        return sy_bench_fail("pipe");
    snprintf(fd, sizeof fd, "%d", ready[1]);

    const uint64_t start = sy_bench_now();
    const pid_t child = fork();
    if (child == 0) {
        if (program) {
            fcntl(ready[1], F_SETFD, 0);
            execl(program, program, fd, (char *)NULL);
            _exit(127);
        }
        _exit(write(ready[1], "r", 1) == 1 ? 0 : 1);
    }
    close(ready[1]); /* or a child that fails would be waited for in vain */
    const bool ok = child > 0 && read(ready[0], &byte, 1) == 1;
    *ns = sy_bench_now() - start;
    close(ready[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return ok || sy_bench_fail(program ? program : "fork");
}

/* A forkserver: forks a child for every byte; the child says that it runs. */
static void serve_forks(int socket)
{
    char byte;
    signal(SIGCHLD, SIG_IGN); /* the kernel reaps */
    while (read(socket, &byte, 1) == 1) {
        if (fork() == 0)
            _exit(write(socket, "r", 1) == 1 ? 0 : 1);
    }
}

static bool time_zygote(const Helper *zygote, uint64_t *ns)
{
    char byte = 'f';
    const uint64_t start = sy_bench_now();
    const bool ok = write(zygote->socket, &byte, 1) == 1 && read(zygote->socket, &byte, 1) == 1;
    *ns = sy_bench_now() - start;
    return ok || sy_bench_fail("zygote");
}

/* A process of 50 MB that forks for every byte and answers with the time it took. */
static void serve_big(int socket)
{
    char byte;
    uint64_t ns;
    unsigned char *big = malloc(BIG_BYTES);
    if (!big)
        return;
    memset(big, 1, BIG_BYTES);
    while (read(socket, &byte, 1) == 1) {
        if (!time_fork(NULL, &ns) || write(socket, &ns, sizeof ns) != sizeof ns)
            break;
    }
    free(big);
}

static bool ask_big(const Helper *big, uint64_t *ns)
{
    const char byte = 'f';
    return (write(big->socket, &byte, 1) == 1 && read(big->socket, ns, sizeof *ns) == sizeof *ns) ||
           sy_bench_fail("parent of 50 MB");
}

/* A worker that was forked beforehand and is parked on a futex, as in the engine: a command goes
 * into its ring, a doorbell wakes it, and the answer comes back the same way. */
typedef struct Order {
    uint64_t words[8];
} Order;

#define ORDERS 64u

typedef struct Pool {
    SyRing orders, answers;
    alignas(64) _Atomic uint32_t doorbell; /* counts orders */
    alignas(64) _Atomic uint32_t answered; /* counts answers */
    pid_t pid;
    alignas(64) unsigned char order_memory[sizeof(SyRingIndexes) + ORDERS * sizeof(Order)];
    alignas(64) unsigned char answer_memory[sizeof(SyRingIndexes) + ORDERS * sizeof(Order)];
} Pool;

static void ring_bell(_Atomic uint32_t *bell)
{
    atomic_fetch_add(bell, 1);
    syscall(SYS_futex, bell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void park(_Atomic uint32_t *bell, uint32_t seen)
{
    syscall(SYS_futex, bell, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void work(Pool *pool)
{
    SyRing orders, answers;
    Order order;
    sy_ring_attach(&orders, pool->order_memory, ORDERS, sizeof order);
    sy_ring_attach(&answers, pool->answer_memory, ORDERS, sizeof order);
    for (;;) {
        const uint32_t seen = atomic_load(&pool->doorbell);
        while (sy_ring_read(&orders, &order)) {
            sy_ring_write(&answers, &order);
            ring_bell(&pool->answered);
        }
        park(&pool->doorbell, seen);
    }
}

static Pool *pool_start(void)
{
    Pool *pool = mmap(NULL, sizeof *pool, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (pool == MAP_FAILED)
        return NULL;
    sy_ring_init(&pool->orders, pool->order_memory, ORDERS, sizeof(Order));
    sy_ring_init(&pool->answers, pool->answer_memory, ORDERS, sizeof(Order));
    pool->pid = fork_bound();
    if (pool->pid == 0)
        work(pool);
    return pool;
}

static void pool_stop(Pool *pool)
{
    if (pool->pid > 0) {
        kill(pool->pid, SIGKILL);
        waitpid(pool->pid, NULL, 0);
    }
    munmap(pool, sizeof *pool);
}

static uint64_t time_pool(Pool *pool)
{
    Order order = {{0}};
    const uint64_t start = sy_bench_now();
    const uint32_t seen = atomic_load(&pool->answered);
    sy_ring_write(&pool->orders, &order);
    ring_bell(&pool->doorbell);
    while (!sy_ring_read(&pool->answers, &order))
        park(&pool->answered, seen);
    return sy_bench_now() - start;
}

typedef enum Row { ROW_COLD, ROW_TRIVIAL, ROW_BIG, ROW_ZYGOTE, ROW_POOL, ROW_NOISE, N_ROWS } Row;

static const char *const row_names[N_ROWS] = {
    [ROW_COLD] = "cold start: fork, exec, libraries",
    [ROW_TRIVIAL] = "fork and exec of a trivial program",
    [ROW_BIG] = "fork of a process of 50 MB",
    [ROW_ZYGOTE] = "fork by a zygote, on request",
    [ROW_POOL] = "assignment to a parked worker",
    [ROW_NOISE] = SY_NOISE_ROW,
};

typedef struct Rig {
    char *cold, *trivial;
    Helper zygote, big;
    Pool *pool;
    SyHistogram *rows[N_ROWS];
} Rig;

static bool measure_round(Rig *rig)
{
    uint64_t ns[4] = {0};
    if (!time_fork(rig->cold, &ns[ROW_COLD]) || !time_fork(rig->trivial, &ns[ROW_TRIVIAL]) ||
        !ask_big(&rig->big, &ns[ROW_BIG]) || !time_zygote(&rig->zygote, &ns[ROW_ZYGOTE]))
        return false;
    for (int row = 0; row < 4; row++)
        sy_histogram_record(rig->rows[row], ns[row]);
    for (int i = 0; i < POOL_EACH_ROUND; i++)
        sy_histogram_record(rig->rows[ROW_POOL], time_pool(rig->pool));
    sy_noise_measure(rig->rows[ROW_NOISE], NOISE_EACH_ROUND);
    return true;
}

static void report_times(const Rig *rig, SyReport *report)
{
    for (int row = 0; row < N_ROWS; row++)
        sy_report_row(report, row_names[row], rig->rows[row], 1);
    const double pool = (double)sy_histogram_percentile(rig->rows[ROW_POOL], 50);
    for (int row = 0; row < ROW_POOL; row++) {
        char name[96];
        snprintf(name, sizeof name, "%s / assignment", row_names[row]);
        sy_report_value(report, name, (double)sy_histogram_percentile(rig->rows[row], 50) / pool,
                        "(medians)");
    }
}

static bool rig_init(Rig *rig)
{
    bool memory = true;
    for (int row = 0; row < N_ROWS; row++) {
        rig->rows[row] = sy_histogram_new();
        memory = memory && rig->rows[row];
    }
    rig->cold = sy_bench_sibling("bench/spawn-libraries");
    rig->trivial = sy_bench_sibling("bench/spawn-trivial");
    rig->pool = pool_start();
    if (!memory || !rig->cold || !rig->trivial || !rig->pool || rig->pool->pid < 0)
        return sy_bench_fail("memory");
    return helper_start(&rig->zygote, serve_forks) && helper_start(&rig->big, serve_big);
}

static void rig_deinit(Rig *rig)
{
    if (rig->pool)
        pool_stop(rig->pool);
    if (rig->zygote.pid > 0)
        helper_stop(&rig->zygote);
    if (rig->big.pid > 0)
        helper_stop(&rig->big);
    free(rig->cold);
    free(rig->trivial);
    for (int row = 0; row < N_ROWS; row++)
        sy_histogram_free(rig->rows[row]);
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    const uint64_t rounds = options->count ? options->count : 500;
    Rig rig = {0};
    bool ok = rig_init(&rig);
    for (uint64_t round = 0; ok && round < rounds; round++)
        ok = measure_round(&rig);
    if (ok)
        report_times(&rig, report);
    rig_deinit(&rig);
    return ok;
}

const SyBench sy_bench_spawn = {
    .name = "spawn",
    .help = "starting a process in every way there is, beside assigning to a parked one",
    .run = run,
};
