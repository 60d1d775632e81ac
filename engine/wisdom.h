/* FFTW's wisdom: which way to transform is fastest on this machine, measured once.
 *
 * It lies in $XDG_CACHE_HOME/synthd/fftw-wisdom, or ~/.cache, and is read before the zygote is
 * forked, so that every zygote of this keeper makes the same plans. Measuring takes a second, so it
 * is left to a process of its own that only gets time nobody else wants, for the next start.
 *
 * Other plans may give other last bits. A render must not depend on what has been measured in the
 * meantime, so offline there is no wisdom: FFTW's estimates are always the same. */
#ifndef SY_ENGINE_WISDOM_H
#define SY_ENGINE_WISDOM_H

#include <stdbool.h>

typedef enum SyWisdom {
    SY_WISDOM_READ,
    SY_WISDOM_MISSING,  /* to be measured */
    SY_WISDOM_HOMELESS, /* there is no place for it */
} SyWisdom;

/* Reads it if it is there.  Thread: keeper, before its first fork.  RT: no. */
SyWisdom sy_wisdom_read(void);

/* Measures and writes it, whole or not at all, at the lowest priority. Returns false if it cannot
 * be written.  Thread: a process of its own.  RT: no: a second of CPU time. */
bool sy_wisdom_learn(void);

#endif
