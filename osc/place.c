#include "osc/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_ours(const char *folder)
{
    struct stat info;
    return lstat(folder, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & 022) == 0;
}

bool sy_place_folder(int which, bool create, char *text)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n;
    if (which == 0) {
        if (!runtime || runtime[0] != '/') {
            return false;
        }
        n = snprintf(text, SY_SOCKET_PATH_MAX, "%s", runtime);
    } else {
        n = snprintf(text, SY_SOCKET_PATH_MAX, "/tmp/synthd-%u", (unsigned)geteuid());
        if (create) {
            mkdir(text, 0700); /* if it fails, is_ours() finds out */
        }
    }
    return n > 0 && (size_t)n < SY_SOCKET_PATH_MAX && is_ours(text);
}

bool sy_place_socket(const char *folder, int port, char *text)
{
    const int n = snprintf(text, SY_SOCKET_PATH_MAX, "%s/synthd-%d.sock", folder, port);
    return n > 0 && (size_t)n < SY_SOCKET_PATH_MAX;
}
