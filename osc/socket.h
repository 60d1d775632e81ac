/* The two sockets that an engine listens on. */
#ifndef SY_OSC_SOCKET_H
#define SY_OSC_SOCKET_H

#include "osc/place.h"
#include "osc/text.h"

/* Opens a UDP socket on a numeric address or name; *port 0 takes any, and tells which.
 * Returns SY_OK and the descriptor, which the caller closes; or SY_ERR_IN_USE, SY_ERR_USAGE (no
 * such address here), SY_ERR_PERMISSION, SY_ERR_FAILED, with a text that says what to do. Thread:
 * setup. */
SyStatus sy_socket_udp(const char *address, int *port, int *fd, SyError *error);

/* Opens the unix datagram socket of `port` with mode 0600 and stores its path (SY_SOCKET_PATH_MAX
 * bytes). What a dead engine left behind is replaced.
 * Returns SY_OK and the descriptor, which the caller closes and whose path it unlinks;
 * SY_ERR_IN_USE if an engine answers there; SY_ERR_PERMISSION or SY_ERR_FAILED if there is no place
 * for it. Thread: setup. */
SyStatus sy_socket_unix(int port, int *fd, char *path, SyError *error);

#endif
