/*
 * pipeline/meter: the share of hits in the median block of a sequence. A fault comes and goes, what has changed for good
 * stays, so a median over blocks of equally many things tells them apart; the later half is looked at on its own, since
 * a change may come in the middle. Blocks begin small and are put together in pairs when there are too many: O(1) for
 * each thing, a fixed amount of memory for any number of them.
 */
#include "meter.h"

#include <stdlib.h>
#include <string.h>

static void add_block(meter_block *to, const meter_block *from) {
    to->n += from->n;
    to->hits += from->hits;
}

static void halve(meter *m) {
    for (size_t i = 0; i < METER_BLOCKS / 2; i++) {
        meter_block pair = m->blocks[2 * i];
        add_block(&pair, &m->blocks[2 * i + 1]);
        m->blocks[i] = pair;
    }
    m->n_blocks = METER_BLOCKS / 2;
    m->block_n *= 2;
}

void meter_add(meter *m, bool hit) {
    bool full = m->n_blocks == 0 || m->blocks[m->n_blocks - 1].n == m->block_n;
    if (full && m->n_blocks == METER_BLOCKS) halve(m);
    if (full) m->blocks[m->n_blocks++] = (meter_block){0};
    add_block(&m->blocks[m->n_blocks - 1], &(meter_block){1, hit});
    m->n++;
    m->hits += hit;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_share(const meter_block *blocks, size_t n) {
    double shares[METER_BLOCKS];
    for (size_t i = 0; i < n; i++) shares[i] = (double)blocks[i].hits / (double)blocks[i].n;
    qsort(shares, n, sizeof *shares, ascending);
    return n % 2 ? shares[n / 2] : (shares[n / 2 - 1] + shares[n / 2]) / 2;
}

/* A last block that is less than half full is part of the one before. */
double meter_typical(const meter *m) {
    meter_block blocks[METER_BLOCKS];
    size_t n = m->n_blocks;
    if (n == 0) return 0;
    memcpy(blocks, m->blocks, n * sizeof *blocks);
    if (n > 1 && blocks[n - 1].n < m->block_n / 2) {
        add_block(&blocks[n - 2], &blocks[n - 1]);
        n--;
    }
    double all = median_share(blocks, n), later = median_share(blocks + n / 2, n - n / 2);
    return later > all ? later : all;
}
