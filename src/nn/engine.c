/*
 * nn/engine: which backend does the work. The CPU's is open from the start; a GPU's is opened when work comes that is worth
 * it, and given up for good at its first failure.
 */
#include "logdetect/nn.h"

#include <stdio.h>

/* A GPU takes half a second to start, and two cores do some 100 GFLOP in that time. */
static const double auto_device_from = 4e12;

/* The backends of a CPU come first in the table, the best of them last. */
static const lgd_backend *best_on_host(void) {
    const lgd_backend *best = lgd_backends[0];
    for (size_t i = 0; i < lgd_n_backends; i++)
        if (lgd_backends[i]->on_host) best = lgd_backends[i];
    return best;
}

static const lgd_backend *first_device(void) {
    for (size_t i = 0; i < lgd_n_backends; i++)
        if (!lgd_backends[i]->on_host) return lgd_backends[i];
    return NULL;
}

lgd_status lgd_engine_open(const char *device, lgd_pool *pool, lgd_engine *ret, lgd_err *err) {
    lgd_engine e = {.pool = pool};
    const lgd_backend *named = lgd_backend_find(device);
    bool is_auto = strcmp(device, "auto") == 0;
    if (is_auto && first_device()) {
        e.device_wanted = true;
        e.device_from = auto_device_from;
    }
    const char *cpu = named && named->on_host ? named->name : best_on_host()->name;
    LGD_TRY(lgd_compute_open(cpu, &e.cpu, err));
    lgd_status status = LGD_OK;
    if (!is_auto && strcmp(device, "cpu") != 0 && !(named && named->on_host))
        status = lgd_compute_open(device, &e.device, err);
    if (status == LGD_OK)
        *ret = e;
    else
        lgd_compute_close(&e.cpu);
    return status;
}

void lgd_engine_close(lgd_engine *e) {
    lgd_compute_close(&e->device);
    lgd_compute_close(&e->cpu);
    *e = (lgd_engine){0};
}

lgd_compute *lgd_engine_pick(lgd_engine *e, double flops) {
    if (flops < e->device_from) return &e->cpu;
    if (!e->device.backend && e->device_wanted) {
        /* Nobody asked for it by name, so nobody misses it. */
        if (lgd_compute_open(first_device()->name, &e->device, NULL) != LGD_OK) e->device = (lgd_compute){0};
        e->device_wanted = false;
    }
    return e->device.backend ? &e->device : &e->cpu;
}

bool lgd_engine_give_up(lgd_engine *e, const lgd_compute *c, const lgd_err *why) {
    if (c != &e->device || !e->device.backend) return false;
    char text[1200];
    (void)snprintf(text, sizeof text, "%s: %.1000s; its work is done again on the CPU, as all that follows",
                   e->device.backend->name, why->text);
    lgd_compute_close(&e->device);
    e->device_wanted = false;
    if (e->warn) e->warn(e->ctx, text);
    return true;
}
