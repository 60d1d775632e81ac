/* The keeper: the process that was started. It has one thread, handles all signals, and does
 * nothing but watch over its children: zygote, engine, device process. */
#ifndef SY_ENGINE_KEEPER_H
#define SY_ENGINE_KEEPER_H

#include "engine/audio.h"
#include "engine/books.h"
#include "engine/options.h"

/* The life of the engine process: returns its exit code.  Thread: setup of the engine.  RT: no. */
typedef int SyEngineFunc(SySegment *segment, SyAudio *audio, SyBooks *books,
                         const SyOptions *options);

/* Maps the shared memory, forks zygote and engine, and keeps them until the end. Returns the exit
 * code of synthd: 0, or a SyStatus. Thread: keeper.  RT: no. */
int sy_keeper_run(const SyOptions *options, SyEngineFunc *engine);

#endif
