/* The patch as the control thread knows it: modules, cables, and the memory they stand on.
 *
 * All edits happen here first and are checked here; workers hear of them through the plan compiled
 * from it. A module or cable that is taken away stays as `dying` until its sound has faded; one
 * that was never published (`fresh`) goes at once.
 *
 * Everything here belongs to the control thread unless a comment says otherwise.  RT: no. */
#ifndef SY_ENGINE_GRAPH_H
#define SY_ENGINE_GRAPH_H

#include "engine/arena.h"
#include "engine/graph_index.h"
#include "engine/plan.h"

#define SY_NONE      UINT32_MAX
#define SY_FILES_MAX 256 /* that modules have, and that are being loaded */

typedef struct SyGraphModule {
    bool used;
    bool dying;             /* destroyed, fading out; its id is free again */
    bool fresh;             /* in no published plan yet */
    bool kept;              /* while a patch is being replaced: the new one has it too */
    bool buried;            /* dying, and the others have been told */
    uint64_t since;         /* serial of the first plan with it, 0 if there is none yet */
    bool assigned;          /* a worker has initialised it */
    uint32_t ticket;        /* of the message that asks for that, 0 if none is under way */
    uint32_t tries;         /* workers that were asked for it */
    uint32_t ticket_worker; /* incarnation it went to */
    SyModuleRef ref;
    uint8_t voices;
    uint32_t home;
    uint32_t cost_ns;   /* of a block, when control last looked; 0 not known */
    uint64_t order;     /* of creation */
    uint64_t memory_at; /* one piece: two state slots, parameters, wires, tapes */
    uint64_t state_at;  /* where they begin in it; an isolated module begins with a page */
    uint64_t memory_size;
    uint32_t lane_bytes, state_bytes, mode_from, tails_from;
    uint64_t params_at, wires_at;
    uint64_t tape_at;     /* [lanes], one after the other */
    uint64_t tape_bytes;  /* of a lane, whole lines; 0 without one */
    uint32_t sink_cable;  /* SY_NONE, or the pseudo cable that fades a sink */
    uint32_t file;        /* 1 + number of what it reads of a file; 0 none */
    uint32_t wanted_file; /* 1 + number of the one it is to have once that is loaded; 0 none */
    bool needs_file;      /* it was made for that one, and goes if it cannot be loaded */
} SyGraphModule;

typedef enum SyGraphFileState {
    SY_FILE_NONE,
    SY_FILE_WANTED, /* to be loaded, or being loaded */
    SY_FILE_THERE,
} SyGraphFileState;

/* A file as one type of module reads it: one copy for all modules that were given the same. */
typedef struct SyGraphFile {
    SyGraphFileState state;
    uint16_t type;
    uint64_t order;          /* of asking */
    SyFileIdentity identity; /* of the one that was loaded */
    uint64_t at, bytes;      /* in the library */
    char path[SY_PATH_MAX];
} SyGraphFile;

typedef struct SyGraphCable {
    bool used, dying, fresh, kept;
    bool back; /* closes a loop */
    bool sink; /* leads from a sink to the device */
    bool gain_changed;
    uint32_t from, to; /* slots of modules; `to` is SY_NONE for a sink's */
    uint8_t from_port, to_port;
    float gain;
    uint64_t order;
    uint64_t since;       /* serial of the first plan with it, 0 if there is none yet */
    uint64_t gain_since;  /* serial of the plan that changed its gain last */
    uint64_t fades_since; /* dying: serial of the plan that begins its fade, 0 if none has yet */
} SyGraphCable;

typedef struct SyGraph {
    uint32_t n_modules; /* used, dying ones included */
    uint32_t n_cables;
    uint32_t module_top, cable_top; /* all used ones are below */
    uint64_t next_order;
    uint8_t module_held[SY_MODULES_MAX]; /* unused, but a plan that names it may still be read */
    uint8_t cable_held[SY_CABLES_MAX];
    SyGraphModule modules[SY_MODULES_MAX];
    SyGraphCable cables[SY_CABLES_MAX];
    uint32_t file_top; /* as module_top */
    SyGraphFile files[SY_FILES_MAX];
    SyGraphIndex index;
} SyGraph;

/* Slot of the module called `ref`, dying ones left out, or SY_NONE. */
uint32_t sy_graph_find(const SyGraph *graph, SyModuleRef ref);

/* Puts a module into the graph: finds a slot and the memory, and formats parameters with the
 * defaults as `written[n_params]` has them. The home is left to the caller. Returns SY_OK and the
 * slot, or SY_ERR_UNKNOWN_TYPE, SY_ERR_ID_RANGE, SY_ERR_ID_IN_USE, SY_ERR_VOICES (0 or too many),
 *   SY_ERR_LIMIT (no slot), SY_ERR_MEMORY (no room in the arena). */
SyStatus sy_graph_create(SyGraph *graph, SySegment *segment, SyArena *arena, SyModuleRef ref,
                         uint8_t voices, const float *written, uint32_t *slot);

/* Marks a module and all cables at its outputs as dying. One that is fresh can be removed at once
 * by sy_graph_remove_module. */
void sy_graph_destroy(SyGraph *graph, uint32_t slot);

/* Takes a module and all its cables out for good; its memory and slot stay the caller's to give
 * back. */
void sy_graph_remove_module(SyGraph *graph, uint32_t slot);
void sy_graph_remove_cable(SyGraph *graph, uint32_t cable);

/* The cable between two ports that is not dying, or SY_NONE. */
uint32_t sy_graph_find_cable(const SyGraph *graph, uint32_t from, uint8_t from_port, uint32_t to,
                             uint8_t to_port);

/* Plugs a cable in.
 * Returns SY_OK and its slot, or SY_ERR_VOICES, or SY_ERR_LIMIT (no slot). */
SyStatus sy_graph_connect(SyGraph *graph, uint32_t from, uint8_t from_port, uint32_t to,
                          uint8_t to_port, float gain, uint32_t *cable);

/* Marks a cable as dying; a fresh one is removed at once. */
void sy_graph_disconnect(SyGraph *graph, uint32_t cable);

/* The dying module or cable with the lowest slot from `from` on; SY_NONE if there is none. */
uint32_t sy_graph_next_dying_module(const SyGraph *graph, uint32_t from);
uint32_t sy_graph_next_dying_cable(const SyGraph *graph, uint32_t from);

/* Whether a module has a cable, dying or not, at its outputs. */
bool sy_graph_is_heard(const SyGraph *graph, uint32_t slot);

/* A number for a file that is to be loaded, or SY_NONE when there are too many. */
uint32_t sy_graph_add_file(SyGraph *graph, uint16_t type, const char *path);
void sy_graph_remove_file(SyGraph *graph, uint32_t file);

/* The file that is there under this path, as it is now, for modules of this type; or SY_NONE. */
uint32_t sy_graph_find_file(const SyGraph *graph, uint16_t type, const char *path,
                            const SyFileIdentity *identity);

/* Whether a module has a file or wants it, dying ones included. */
bool sy_graph_uses_file(const SyGraph *graph, uint32_t file);

/* Turns cables that close no loop any more back into plain ones. */
void sy_graph_settle_loops(SyGraph *graph);

#endif
