/* Lines to the terminal from threads that must not wait for it. */
#ifndef SY_OSC_LOG_H
#define SY_OSC_LOG_H

/* Writes "synthd: " and one line to stderr; drops it when the terminal does not take it at once.
 * Thread: any.  RT: no, but it does not wait. */
void sy_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for what a client can cause as often as it likes: at most 10 lines a second; how many
 * were left out is told with the next.  Thread: any.  RT: no, but it does not wait. */
void sy_log_often(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
