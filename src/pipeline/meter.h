/* Private to pipeline: how large a share of things is, apart from bursts of them. */
#ifndef LGD_PIPELINE_METER_H
#define LGD_PIPELINE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { METER_BLOCKS = 32 };

typedef struct meter_block {
    uint64_t n, hits;
} meter_block;

/* Start with {.block_n = the size of the first blocks}. */
typedef struct meter {
    meter_block blocks[METER_BLOCKS]; /* of block_n things, but the last one */
    size_t n_blocks;
    uint64_t block_n;
    uint64_t n, hits;
} meter;

void meter_add(meter *m, bool hit);
/* The share of the median block: of all blocks, or of the later half of them, if that is more; 0 of nothing. */
double meter_typical(const meter *m);

#endif
