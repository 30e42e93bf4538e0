/*
 * nn/engine: which backend does the work. The CPU's is open from the start; a GPU's is opened when work comes that is worth
 * it, and given up for good at its first failure.
 */
#include "logdetect/nn.h"

#include <stdio.h>

/* A GPU takes up to a second to start, and what a CPU does in some ten is nothing to wait for; once it runs, it is worth it
 * for a few hundred windows. */
static const double auto_device_from = 1e12, open_device_from = 2e9;

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

static void tell(const lgd_engine *e, const char *name, const lgd_err *why, const char *consequence) {
    char text[1200];
    (void)snprintf(text, sizeof text, "%s: %.1000s; %s", name, why->text, consequence);
    if (e->warn) e->warn(e->ctx, text);
}

/* Nobody asked for it by name, so nobody misses one that is not there (LGD_E_IO); one that does not work is told of. */
static void open_unasked(lgd_engine *e) {
    lgd_err why = {0};
    lgd_status status = lgd_compute_open(first_device()->name, &e->device, &why);
    if (status == LGD_OK) return;
    e->device = (lgd_compute){0};
    if (status != LGD_E_IO) tell(e, first_device()->name, &why, "the CPU does the work");
}

lgd_compute *lgd_engine_pick(lgd_engine *e, double flops) {
    if (flops < (e->device.backend && e->device_from > 0 ? open_device_from : e->device_from)) return &e->cpu;
    if (!e->device.backend && e->device_wanted) {
        e->device_wanted = false;
        open_unasked(e);
    }
    return e->device.backend ? &e->device : &e->cpu;
}

bool lgd_engine_give_up(lgd_engine *e, const lgd_compute *c, const lgd_err *why) {
    if (c != &e->device || !e->device.backend) return false;
    const char *name = e->device.backend->name;
    lgd_compute_close(&e->device);
    e->device_wanted = false;
    tell(e, name, why, "its work is done again on the CPU, as all that follows");
    return true;
}
