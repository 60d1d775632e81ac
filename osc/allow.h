/* Who may talk to an engine that listens on a network: addresses in CIDR notation. A fence, not a
 * lock: the sender of a UDP packet can be forged. */
#ifndef SY_OSC_ALLOW_H
#define SY_OSC_ALLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "osc/text.h"

#define SY_ALLOW_RANGES_MAX 32

/* IPv4 addresses are kept as the IPv6 addresses that carry them. */
typedef struct SyAllow {
    struct {
        uint8_t address[16];
        int bits;
    } ranges[SY_ALLOW_RANGES_MAX];
    size_t n;
    bool any;
} SyAllow;

/* Reads a list of "192.168.1.0/24", "10.0.0.7", "fd00::/8" or "any".
 * Returns SY_OK, SY_ERR_USAGE for what is none of these, or SY_ERR_LIMIT for too many.
 * Thread: setup. */
SyStatus sy_allow_parse(const char *const *list, size_t n, SyAllow *allow, SyError *error);

/* Whether a sender is in the list. This machine always is.  Thread: osc.  RT: yes. */
bool sy_allow_check(const SyAllow *allow, const struct sockaddr *sender);

/* Whether an address is this machine's loopback.  Thread: any.  RT: yes. */
bool sy_address_is_loopback(const struct sockaddr *address);

#endif
