/* Where a synthd can be found: its default port and its socket's name. The server and synthctl
 * agree on it here. */
#ifndef SY_OSC_PLACE_H
#define SY_OSC_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

#define SY_DEFAULT_HOST "127.0.0.1"
#define SY_DEFAULT_PORT 57140
#define SY_PLACES       2 /* folders that a socket can be in */

#define SY_SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)0)->sun_path))

/* The folder number `which` for sockets: $XDG_RUNTIME_DIR first, then /tmp/synthd-UID. `text` has
 * SY_SOCKET_PATH_MAX bytes.  Returns whether there is such a folder and it is this user's alone to
 * write in; with `create` the one in /tmp is made if need be.
 * Thread: setup.  RT: no. */
bool sy_place_folder(int which, bool create, char *text);

/* The socket of the engine on `port` in a folder.  Returns false if the name gets too long.
 * Thread: setup.  RT: no. */
bool sy_place_socket(const char *folder, int port, char *text);

#endif
