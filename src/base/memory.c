/*
 * base/memory: the one door to the heap, growable buffers and bump arenas.
 *
 * The fault counter lets a test fail the N-th allocation (the torture mode of curl); it is the library's only mutable
 * global, off unless a test switches it on, and atomic because workers allocate too.
 */
#include "logdetect/base.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static _Atomic uint64_t fail_countdown; /* 0: off */
static _Atomic bool fail_all;

void lgd_alloc_fail_at(uint64_t n, bool all) {
    atomic_store(&fail_all, all);
    atomic_store(&fail_countdown, n);
}

static bool fault(void) {
    uint64_t left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
    if (left == 0) return false;
    if (left > 1) {
        atomic_store(&fail_countdown, left - 1);
        return false;
    }
    if (!atomic_load(&fail_all)) atomic_store(&fail_countdown, 0);
    return true;
}

void *lgd_alloc(size_t n_bytes) { return fault() ? NULL : malloc(n_bytes ? n_bytes : 1); }

void *lgd_calloc(size_t n, size_t size) {
    if (size && n > SIZE_MAX / size) return NULL;
    return fault() ? NULL : calloc(n ? n : 1, size ? size : 1);
}

void *lgd_realloc(void *p, size_t n_bytes) { return fault() ? NULL : realloc(p, n_bytes ? n_bytes : 1); }

void lgd_free(void *p) { free(p); }

lgd_status lgd_grow(void **p, size_t *capacity, size_t need, size_t size, size_t cap, lgd_err *err) {
    if (need <= *capacity) return LGD_OK;
    if (need > cap || need > SIZE_MAX / 2 / size)
        return lgd_fail(err, LGD_E_MEMORY, "a table reached its limit of %zu entries", cap);
    size_t want = *capacity ? *capacity * 2 : 16;
    if (want < need) want = need;
    if (want > cap) want = cap;
    void *grown = lgd_realloc(*p, want * size);
    if (!grown) return lgd_fail_memory(err, want * size);
    *p = grown;
    *capacity = want;
    return LGD_OK;
}

/* ---- byte buffer ---- */

static bool buf_reserve(lgd_buf *b, size_t more) {
    if (b->failed) return false;
    if (more <= b->capacity - b->n) return true;
    size_t want = b->capacity ? b->capacity : 64;
    while (want - b->n < more) {
        if (want > SIZE_MAX / 2) return b->failed = true, false;
        want *= 2;
    }
    char *grown = lgd_realloc(b->p, want);
    if (!grown) return b->failed = true, false;
    b->p = grown;
    b->capacity = want;
    return true;
}

void lgd_buf_add(lgd_buf *b, const void *bytes, size_t n) {
    if (n == 0 || !buf_reserve(b, n)) return;
    memcpy(b->p + b->n, bytes, n);
    b->n += n;
}

void lgd_buf_add_sv(lgd_buf *b, lgd_sv s) { lgd_buf_add(b, s.p, s.n); }

void lgd_buf_add_char(lgd_buf *b, char c) { lgd_buf_add(b, &c, 1); }

void lgd_buf_printf(lgd_buf *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n > 0 && buf_reserve(b, (size_t)n + 1)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void lgd_buf_clear(lgd_buf *b) {
    b->n = 0;
    b->failed = false;
}

void lgd_buf_release(lgd_buf *b) {
    lgd_free(b->p);
    *b = (lgd_buf){0};
}

lgd_sv lgd_buf_sv(const lgd_buf *b) { return (lgd_sv){b->p, b->n}; }

/* ---- arena ---- */

enum { CHUNK_BYTES = 64 * 1024 };

struct lgd_arena_chunk {
    struct lgd_arena_chunk *next;
    size_t size, used;
    _Alignas(16) char bytes[];
};

void *lgd_arena_alloc(lgd_arena *a, size_t n_bytes) {
    if (n_bytes > SIZE_MAX / 4) return NULL;
    size_t n = (n_bytes + 7) & ~(size_t)7;
    struct lgd_arena_chunk *chunk = a->head;
    if (!chunk || chunk->size - chunk->used < n) {
        size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
        chunk = lgd_alloc(sizeof *chunk + size);
        if (!chunk) return NULL;
        *chunk = (struct lgd_arena_chunk){a->head, size, 0};
        a->head = chunk;
    }
    void *p = chunk->bytes + chunk->used;
    chunk->used += n;
    a->used_bytes += n;
    return p;
}

bool lgd_arena_copy(lgd_arena *a, lgd_sv s, lgd_sv *ret_copy) {
    char *p = lgd_arena_alloc(a, s.n + 1);
    if (!p) return false;
    if (s.n) memcpy(p, s.p, s.n);
    p[s.n] = 0;
    *ret_copy = (lgd_sv){p, s.n};
    return true;
}

void lgd_arena_clear(lgd_arena *a) {
    struct lgd_arena_chunk *keep = NULL;
    while (a->head) {
        struct lgd_arena_chunk *next = a->head->next;
        if (!keep && a->head->size == CHUNK_BYTES) {
            keep = a->head;
            keep->next = NULL;
            keep->used = 0;
        } else {
            lgd_free(a->head);
        }
        a->head = next;
    }
    a->head = keep;
    a->used_bytes = 0;
}

void lgd_arena_release(lgd_arena *a) {
    while (a->head) {
        struct lgd_arena_chunk *next = a->head->next;
        lgd_free(a->head);
        a->head = next;
    }
    *a = (lgd_arena){0};
}
