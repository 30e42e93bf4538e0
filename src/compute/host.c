/*
 * compute/host: arrays that are plain memory. Each block keeps the pointer to free in front of its aligned start.
 */
#include "host.h"

enum { ALIGNMENT = 64 };

lgd_status host_open(lgd_compute *c, lgd_err *err) {
    (void)err;
    c->state = NULL;
    return LGD_OK;
}

void host_close(lgd_compute *c) { c->state = NULL; }

void *host_alloc(lgd_compute *c, size_t n_bytes) {
    (void)c;
    if (n_bytes > SIZE_MAX - 2 * ALIGNMENT) return NULL;
    char *block = lgd_calloc(1, n_bytes + 2 * ALIGNMENT);
    if (!block) return NULL;
    char *start = block + ALIGNMENT + (ALIGNMENT - (uintptr_t)block % ALIGNMENT) % ALIGNMENT;
    memcpy(start - sizeof block, &block, sizeof block);
    return start;
}

void host_free(lgd_compute *c, void *array) {
    char *block = NULL;
    (void)c;
    if (!array) return;
    memcpy(&block, (char *)array - sizeof block, sizeof block);
    lgd_free(block);
}

void host_copy_in(lgd_compute *c, void *array, const void *host, size_t n_bytes) {
    (void)c;
    memcpy(array, host, n_bytes);
}

void host_copy_out(lgd_compute *c, void *host, const void *array, size_t n_bytes) {
    (void)c;
    memcpy(host, array, n_bytes);
}

void host_zero(lgd_compute *c, void *array, size_t n_bytes) {
    (void)c;
    memset(array, 0, n_bytes);
}

lgd_status host_finish(lgd_compute *c, lgd_err *err) {
    (void)c;
    (void)err;
    return LGD_OK;
}

void host_repeat(lgd_compute *c, void (*work)(void *ctx), void *ctx) {
    (void)c;
    work(ctx);
}
