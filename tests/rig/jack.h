/* A JACK server without a sound card, for one stage alone. */
#ifndef SY_TESTS_RIG_JACK_H
#define SY_TESTS_RIG_JACK_H

#include "tests/rig/stage.h"

/* Whether JACK's programs are there: jackd, jack_wait, jack_rec. */
bool sy_jack_is_here(SyStage *stage);

/* Starts a server with periods of `period` frames at 48 kHz, under the stage's own name, and waits
 * until it is ready. Returns its pid. */
pid_t sy_jack_start(SyStage *stage, int period);

/* Ends it in good order. */
void sy_jack_stop(pid_t server);

/* Records `seconds` of what synthd plays, as JACK gets it, into a file of the stage's folder. */
void sy_jack_record(SyStage *stage, const char *wav, int seconds);

#endif
