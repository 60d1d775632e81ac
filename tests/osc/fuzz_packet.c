/* Throws spoiled packets at the validator and, where it lets them through, at liblo.
 * usage: fuzz_packet [PACKETS [SEED]] */
#include <stdio.h>
#include <stdlib.h>

#include "tests/osc/packets.h"

int main(int argc, char **argv)
{
    const unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    const unsigned long long seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    uint8_t packet[2048];
    unsigned long passed = 0;
    for (unsigned long i = 0; i < n; i++) {
        size_t size = sy_packet_sample(i % sy_packet_samples(), packet);
        size = sy_packet_spoil(packet, size, &random);
        passed += (unsigned long)sy_packet_try(packet, size);
    }
    printf("%lu packets, seed %llu: %lu passed, %lu refused\n", n, seed, passed, n - passed);
    return passed > 0 && passed < n ? 0 : 1;
}
