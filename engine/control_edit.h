/* One transaction on its way through the three phases; see engine/control_private.h. */
#ifndef SY_ENGINE_CONTROL_EDIT_H
#define SY_ENGINE_CONTROL_EDIT_H

#include "engine/control_private.h"

/* What became of a command in the first phase. */
typedef struct SyOutcome {
    SyStatus status;
    char text[128];
    uint32_t slot; /* create: its place */
    int worker;    /* create */
    float assign_us;
    bool clamped;
    bool existed;      /* create, connect: while a patch is replaced, it was there already */
    SyCableView cable; /* disconnect: as it was */
    bool waits;        /* to be answered when its file is there */
} SyOutcome;

typedef struct SyEdit {
    SyControl *control;
    SyTransaction *transaction;
    SyOutcome *outcomes; /* [n_commands] */
    int64_t began_ns;
    bool structural;
    const uint32_t *files; /* [n_commands]: loaded already; or NULL: to be asked for */
    bool quiet;            /* the engine's own: nobody is told and nothing is written down */
    size_t n_waiting;      /* commands that will be answered later */
} SyEdit;

/* Carries a transaction out, answers it and releases it, of which the caller has filled in what it
 * has to say. */
void sy_edit_carry_out(SyEdit *edit);

/* Refuses all of it because command number `culprit` cannot be, and releases it. */
void sy_edit_refuse(SyEdit *edit, size_t culprit, SyStatus status, const char *text);

/* Fills an outcome that is an error.  */
__attribute__((format(printf, 3, 4))) void sy_outcome_refuse(SyOutcome *outcome, SyStatus status,
                                                             const char *format, ...);

/* First phase: edits the graph. Returns the number of the command that refuses all, or -1. */
ptrdiff_t sy_edit_graph(SyEdit *edit);

/* Every parameter's first value of a module to be created, written[n_params]: the default, or what
 * the command says. Returns SY_OK, or SY_ERR_UNKNOWN_PARAM or SY_ERR_VALUE, then also in the
 * outcome. */
SyStatus sy_edit_initial_values(const SyCommand *command, const SyModule *type, float *written,
                                SyOutcome *outcome);

/* Takes back what the first phase did. */
void sy_edit_roll_back(SyEdit *edit);

/* Second phase: has the workers initialise what is new. Returns the number of the command that
 * refuses all because no worker took its module, or -1; where all is not refused, such modules are
 * gone again. */
ptrdiff_t sy_edit_assign(SyEdit *edit);

/* Writes down what was done, where a journal is kept. */
void sy_edit_write_journal(const SyEdit *edit);

/* Third phase: ids, parameters and notices; then the answers. */
void sy_edit_announce(SyEdit *edit);
void sy_edit_answer(SyEdit *edit);

/* Answers to a transaction of which nothing was done because command number `culprit` cannot be. */
void sy_edit_answer_refused(SyEdit *edit, size_t culprit);

#endif
