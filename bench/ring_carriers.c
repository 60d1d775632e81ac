#include "bench/ring_carriers.h"

#include <sched.h>

#include "bench/bench.h"

CK_RING_PROTOTYPE(pointer, Pointer)
CK_RING_PROTOTYPE(line, Line)

void sy_relax(unsigned *spins)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#endif
    if (++*spins % 4096 == 0)
        sched_yield(); /* the other end may be waiting for this very CPU */
}

/* Makes the compiler believe that somebody looks at the item, or it would not copy it at all. */
#define USE(ITEM) __asm__ volatile("" : "+m"(ITEM))

/* Functions rather than function pointers all the way, so that ck_ring is inlined as it would be.
 */
#define DEFINE_CARRIER(NAME, ITEM, WRITE, READ)                                                    \
    static void NAME##_alone(SyWays *ways, uint64_t n)                                             \
    {                                                                                              \
        ITEM item = {0};                                                                           \
        while (n-- > 0) {                                                                          \
            USE(item);                                                                             \
            WRITE(there, &item);                                                                   \
            READ(there, &item);                                                                    \
            USE(item);                                                                             \
        }                                                                                          \
    }                                                                                              \
    static void NAME##_send(SyWays *ways, uint64_t n)                                              \
    {                                                                                              \
        ITEM item = {0};                                                                           \
        for (unsigned spins = 0; n > 0;) {                                                         \
            USE(item);                                                                             \
            if (WRITE(there, &item))                                                               \
                n--;                                                                               \
            else                                                                                   \
                sy_relax(&spins);                                                                  \
        }                                                                                          \
    }                                                                                              \
    static void NAME##_receive(SyWays *ways, uint64_t n)                                           \
    {                                                                                              \
        ITEM item = {0};                                                                           \
        for (unsigned spins = 0; n > 0;) {                                                         \
            if (READ(there, &item))                                                                \
                n--;                                                                               \
            else                                                                                   \
                sy_relax(&spins);                                                                  \
            USE(item);                                                                             \
        }                                                                                          \
    }                                                                                              \
    static void NAME##_echo(SyWays *ways, uint64_t n)                                              \
    {                                                                                              \
        ITEM item = {0};                                                                           \
        for (unsigned spins = 0; n > 0;) {                                                         \
            if (!READ(there, &item)) {                                                             \
                sy_relax(&spins);                                                                  \
                continue;                                                                          \
            }                                                                                      \
            WRITE(back, &item);                                                                    \
            n--;                                                                                   \
        }                                                                                          \
    }                                                                                              \
    static void NAME##_ping(SyWays *ways, uint64_t n, SyHistogram *histogram)                      \
    {                                                                                              \
        ITEM item = {0};                                                                           \
        for (unsigned spins = 0; n > 0; n--) {                                                     \
            const uint64_t start = sy_bench_now();                                                 \
            for (unsigned trip = 0; trip < SY_TRIPS; trip++) {                                     \
                WRITE(there, &item);                                                               \
                while (!READ(back, &item))                                                         \
                    sy_relax(&spins);                                                              \
            }                                                                                      \
            sy_histogram_record(histogram, sy_bench_now() - start);                                \
        }                                                                                          \
    }

#define OUR_POINTER_WRITE(WAY, ITEM) sy_ring_write(&ways->WAY.pointer_in, ITEM)
#define OUR_POINTER_READ(WAY, ITEM)  sy_ring_read(&ways->WAY.pointer_out, ITEM)
#define OUR_LINE_WRITE(WAY, ITEM)    sy_ring_write(&ways->WAY.line_in, ITEM)
#define OUR_LINE_READ(WAY, ITEM)     sy_ring_read(&ways->WAY.line_out, ITEM)
#define CK_POINTER_WRITE(WAY, ITEM)                                                                \
    CK_RING_ENQUEUE_SPSC(pointer, &ways->WAY.ck_pointer, ways->WAY.ck_pointers, ITEM)
#define CK_POINTER_READ(WAY, ITEM)                                                                 \
    CK_RING_DEQUEUE_SPSC(pointer, &ways->WAY.ck_pointer, ways->WAY.ck_pointers, ITEM)
#define CK_LINE_WRITE(WAY, ITEM)                                                                   \
    CK_RING_ENQUEUE_SPSC(line, &ways->WAY.ck_line, ways->WAY.ck_lines, ITEM)
#define CK_LINE_READ(WAY, ITEM)                                                                    \
    CK_RING_DEQUEUE_SPSC(line, &ways->WAY.ck_line, ways->WAY.ck_lines, ITEM)

DEFINE_CARRIER(our_pointer, Pointer, OUR_POINTER_WRITE, OUR_POINTER_READ)
DEFINE_CARRIER(ck_pointer, Pointer, CK_POINTER_WRITE, CK_POINTER_READ)
DEFINE_CARRIER(our_line, Line, OUR_LINE_WRITE, OUR_LINE_READ)
DEFINE_CARRIER(ck_line, Line, CK_LINE_WRITE, CK_LINE_READ)

#define CARRIER(NAME, TITLE)                                                                       \
    {                                                                                              \
        TITLE, NAME##_alone, NAME##_send, NAME##_receive, NAME##_echo, NAME##_ping                 \
    }
const SyCarrier sy_carriers[SY_CARRIERS] = {
    CARRIER(our_pointer, "8 bytes"),
    CARRIER(ck_pointer, "8 bytes, ck_ring"),
    CARRIER(our_line, "64 bytes"),
    CARRIER(ck_line, "64 bytes, ck_ring"),
};

static void way_init(SyWay *way)
{
    sy_ring_init(&way->pointer_in, way->pointer_memory, SY_WAY_CAPACITY, sizeof(Pointer));
    sy_ring_attach(&way->pointer_out, way->pointer_memory, SY_WAY_CAPACITY, sizeof(Pointer));
    sy_ring_init(&way->line_in, way->line_memory, SY_WAY_CAPACITY, sizeof(Line));
    sy_ring_attach(&way->line_out, way->line_memory, SY_WAY_CAPACITY, sizeof(Line));
    ck_ring_init(&way->ck_pointer, SY_WAY_CAPACITY);
    ck_ring_init(&way->ck_line, SY_WAY_CAPACITY);
}

void sy_ways_init(SyWays *ways)
{
    way_init(&ways->there);
    way_init(&ways->back);
}
