/* Throws spoiled packets at a synthd that plays, and asks it in between whether it is still there.
 * usage: fuzz_engine PORT [PACKETS [SEED]]
 *
 * Packets in which /quit, /save or /load can be read are left out: those would be obeyed. */
#include <arpa/inet.h>
#include <lo/lo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/osc/packets.h"

#define SOURCES   64  /* a flood from one source would be dropped unseen */
#define UNCHECKED 500 /* packets between two questions */

static int connected(int port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = 5};
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        perror("fuzz_engine");
        exit(2);
    }
    return fd;
}

static int is_harmless(const uint8_t *packet, size_t size)
{
    return !memmem(packet, size, "/quit", 5) && !memmem(packet, size, "/save", 5) &&
           !memmem(packet, size, "/load", 5);
}

static int is_there(int fd)
{
    static const char question[] = "/version\0\0\0\0,\0\0";
    char answer[512];
    return send(fd, question, sizeof(question), 0) == sizeof(question) &&
           recv(fd, answer, sizeof(answer), 0) > 0;
}

static void drain(int fd)
{
    char answer[65536];
    while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) >= 0) {
    }
}

int main(int argc, char **argv)
{
    const int port = argc > 1 ? atoi(argv[1]) : 0;
    const unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
    const unsigned long long seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    uint8_t packet[2048];
    int sources[SOURCES];
    unsigned long sent = 0;

    if (port <= 0 || port > 65535) {
        fprintf(stderr, "usage: fuzz_engine PORT [PACKETS [SEED]]\n");
        return 2;
    }
    for (int i = 0; i < SOURCES; i++) {
        sources[i] = connected(port);
    }
    const int asker = connected(port);
    for (unsigned long i = 0; sent < n; i++) {
        size_t size = sy_packet_sample(i % sy_packet_samples(), packet);
        size = sy_packet_spoil(packet, size, &random);
        if (!is_harmless(packet, size)) {
            continue;
        }
        const int source = sources[sent % SOURCES];
        sent += send(source, packet, size, 0) == (ssize_t)size;
        drain(source);
        if (sent % UNCHECKED == 0 && !is_there(asker)) {
            fprintf(stderr, "no answer after %lu packets, seed %llu\n", sent, seed);
            return 1;
        }
    }
    printf("%lu packets, seed %llu: still there\n", sent, seed);
    return is_there(asker) ? 0 : 1;
}
