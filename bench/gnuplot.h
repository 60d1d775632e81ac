/* gnuplot, which draws the plots of a page. */
#ifndef SY_BENCH_GNUPLOT_H
#define SY_BENCH_GNUPLOT_H

#include <stdbool.h>

/* What to tell a reader when there is none. */
#define SY_GNUPLOT_ADVICE "install gnuplot (Debian and Ubuntu: the package gnuplot-nox)"

/* Whether it can be started; tried once.  Thread: any, but one at a time.  RT: no. */
bool sy_gnuplot_is_there(void);

/* Has it run a script and returns what it writes to its standard output, to be freed; NULL when it
 * cannot be started or the script fails, of which it says on stderr why.  RT: no. */
char *sy_gnuplot_run(const char *script);

#endif
