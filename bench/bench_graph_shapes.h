/* Patches of a shape and a size, for benches that ask how cost follows from them.
 *
 *     chain     vco -> vcf -> vcf -> ... -> out: each waits for the one before
 *     fan       vco -> many vcfs, 16 of them added up in a vca, the vcas in one out
 *     diamond   vco -> a row of vcfs -> vca -> a row of vcfs -> ... -> out, rows as long as there
 *               are rows
 *     voices    vco -> vcf -> vca, many times, into one out
 *     feedback  vco -> vcf -> vcf -> vca and back into the vco, many times, into one out
 */
#ifndef SY_BENCH_GRAPH_SHAPES_H
#define SY_BENCH_GRAPH_SHAPES_H

#include "bench/script.h"

typedef struct SyShape {
    const char *name;
    uint32_t least; /* modules that it takes */

    /* As many modules it takes until two cores can have as good as half of it each; 0 if they never
     * can. A feedback loop cannot be shared out: of three, one core has two. */
    uint32_t wide_from;
    void (*write)(SyScript *script, uint32_t size);
} SyShape;

#define SY_SHAPES 5
extern const SyShape sy_shapes[SY_SHAPES];

/* Writes the patch of a shape with as many modules as fit in `size`, which is not less than the
 * shape's least. Returns how many they are. The script is the caller's to free. */
uint32_t sy_shape_write(const SyShape *shape, uint32_t size, SyScript *script);

#endif
