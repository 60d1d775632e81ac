/* Who is on the other end of a datagram. */
#ifndef SY_OSC_PEER_H
#define SY_OSC_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#define SY_PEER_TEXT 160

typedef struct SyPeer {
    socklen_t length; /* 0: nobody that could be answered */
    int32_t pid;      /* of a unix socket's sender, else 0 */
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
    };
} SyPeer;

/* Whether two peers have the same address.  Thread: any.  RT: yes. */
bool sy_peer_equal(const SyPeer *a, const SyPeer *b);

/* Whether it can be answered: a unix socket without a name cannot.  Thread: any.  RT: yes. */
bool sy_peer_has_address(const SyPeer *peer);

/* Writes "127.0.0.1:57120" or "process 1234" into `text` (SY_PEER_TEXT bytes).
 * Thread: any.  RT: no. */
void sy_peer_format(const SyPeer *peer, char *text);

#endif
