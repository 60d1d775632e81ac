#include "osc/peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool sy_peer_equal(const SyPeer *a, const SyPeer *b)
{
    if (a->length != b->length || a->any.sa_family != b->any.sa_family) {
        return false;
    }
    if (a->any.sa_family == AF_INET) {
        return a->in.sin_port == b->in.sin_port && a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
    }
    return memcmp(&a->any, &b->any, a->length) == 0;
}

bool sy_peer_has_address(const SyPeer *peer)
{
    return peer->length > sizeof(sa_family_t);
}

void sy_peer_format(const SyPeer *peer, char *text)
{
    char address[INET6_ADDRSTRLEN] = "?";
    if (peer->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &peer->in.sin_addr, address, sizeof address);
        snprintf(text, SY_PEER_TEXT, "%s:%u", address, ntohs(peer->in.sin_port));
    } else if (peer->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &peer->in6.sin6_addr, address, sizeof address);
        snprintf(text, SY_PEER_TEXT, "[%s]:%u", address, ntohs(peer->in6.sin6_port));
    } else {
        snprintf(text, SY_PEER_TEXT, "process %d", peer->pid);
    }
}
