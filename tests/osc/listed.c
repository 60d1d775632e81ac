#include "tests/osc/listed.h"

#include "tests/osc/said.h"

void listed_module(SyListing *listing, const char *name, int worker, double cost_us)
{
    Said room;
    sy_decode_listed(listing,
                     said(&room, "/list.module", "siifsis", name, 1, worker, cost_us, "", 0, ""));
}

void listed_faulty(SyListing *listing, const char *name, int voices, const char *fault, int n_wild)
{
    Said room;
    sy_decode_listed(
        listing, said(&room, "/list.module", "siifsis", name, voices, 0, 0.0, fault, n_wild, ""));
}

void listed_cable(SyListing *listing, const char *from, const char *to, double gain)
{
    Said room;
    sy_decode_listed(listing, said(&room, "/list.cable", "ssf", from, to, gain));
}

void listed_end(SyListing *listing, int n_lost)
{
    Said room;
    const int n_modules = (int)json_object_array_length(listing->modules) + n_lost;
    const int n_cables = (int)json_object_array_length(listing->cables);
    sy_decode_listed(listing, said(&room, "/done", "sii", "/list", n_modules, n_cables));
}
