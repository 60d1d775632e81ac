/* /dumpOSC: what comes in, shown on the terminal. */
#ifndef SY_OSC_DUMP_H
#define SY_OSC_DUMP_H

#include "osc/message.h"
#include "osc/server_state.h"

/* Shows a message if /dumpOSC asks for it: mode 1 as text, 2 as bytes, 3 both.  Thread: osc. */
void sy_dump_message(const SyServer *server, const SyPeer *peer, const SyMessage *message,
                     const void *data, size_t size);

#endif
