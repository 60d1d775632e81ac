/* A terminal that is drawn on in place, and given back as it was.
 *
 * The signals that end, stop or resize a program in a terminal are held back and taken up where it
 * waits: whatever it is doing, it is never interrupted half-way through a drawing.
 *
 * Thread: the only one of its process. */
#ifndef SY_OSC_TERMINAL_H
#define SY_OSC_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "osc/screen.h"

/* Whether stdout is a terminal that can be drawn on in place. */
bool sy_terminal_is_there(void);

/* How large it is: 80 by 24 if it does not say; no limit if stdout is no terminal. */
SySize sy_terminal_size(void);

/* Holds back SIGINT, SIGTERM, SIGHUP, SIGTSTP and SIGWINCH from now on. Returns a descriptor that
 * can be read, but should not be, once one has come that ends the program; -1 if there is none to
 * be had. */
int sy_terminal_hold_signals(void);

/* Lets them through again, but not those that have come meanwhile; closes the descriptor. */
void sy_terminal_release_signals(int fd);

/* Whether one has come that ends the program: the next sy_terminal_wait() will say so. */
bool sy_terminal_is_ending(void);

/* Shows an empty page beside what the terminal shows, and no cursor; and back. */
void sy_terminal_enter(void);
void sy_terminal_leave(void);

/* Waits so many seconds, or until the terminal has another size, or the program was stopped and
 * goes on (it leaves the page meanwhile if `entered`). Returns false when it is to end. */
bool sy_terminal_wait(double seconds, bool entered);

#endif
