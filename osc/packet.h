/* OSC packets as they come from a stranger: judged whole before anything else reads them.
 *
 * liblo trusts what a packet says of its own sizes, so nothing reaches it that has not passed here.
 * The bundles around the messages are taken apart here as well; liblo sees single messages only. */
#ifndef SY_OSC_PACKET_H
#define SY_OSC_PACKET_H

#include <stdint.h>

#include "osc/text.h"

#define SY_PACKET_MAX     65536 /* bytes; UDP carries 65507, a unix socket could bring more */
#define SY_PACKET_PADDING 64    /* zeroed bytes that a receive buffer has behind its packet */
#define SY_PACKET_NESTING 8     /* bundles within bundles */

#define SY_TIMETAG_NOW UINT64_C(1)

/* Decides whether `packet` (of `size` bytes) is a well-formed message or bundle: sizes, the form of
 * addresses, type tags that are known, strings and blobs that end inside the packet and are padded
 * with zeros, bundles nested at most SY_PACKET_NESTING deep.
 * Stores the number of messages in it through `n_messages`, if that is not NULL.
 * Returns SY_OK, or SY_ERR_PACKET with the reason and the place in `error` (which may be NULL).
 * Thread: any.  RT: yes, bounded by size. */
SyStatus sy_packet_check(const void *packet, size_t size, size_t *n_messages, SyError *error);

/* Called for each message of a packet, in order. `timetag` is that of the innermost bundle around
 * it or the latest of those around that, SY_TIMETAG_NOW for a bare message. */
typedef void SyPacketFunc(void *user, uint64_t timetag, const void *message, size_t size);

/* Takes a packet apart, which sy_packet_check() must have passed.
 * Thread: any.  RT: as the function called. */
void sy_packet_walk(const void *packet, size_t size, SyPacketFunc *func, void *user);

/* Unix time of a timetag in seconds.  Thread: any.  RT: yes. */
double sy_timetag_unix(uint64_t timetag);

/* The timetag of a Unix time.  Thread: any.  RT: yes. */
uint64_t sy_timetag_from_unix(double seconds);

#endif
