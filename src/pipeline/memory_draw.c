/*
 * pipeline/memory_draw: which items of many are remembered, and how many copies of each are recalled.
 *
 * Priority sampling (Duffield, Lund & Thorup 2007): an item of weight w and importance a has the priority w a / u, u in (0, 1]
 * by a hash of its number; the k highest stay, and each stands for max(w a, t) / a, t the next priority. Sums over them
 * are those over all, on average, and samples of samples are samples. O(n log n).
 */
#include "memory.h"

#include <math.h>
#include <stdlib.h>

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static double share_of(const float *weights, const float *importances, size_t i) {
    return (double)weights[i] * (importances ? (double)importances[i] : 1);
}

static double priority_of(const float *weights, const float *importances, size_t i, uint64_t salt) {
    return share_of(weights, importances, i) / lgd_hash_unit(lgd_hash_u64(i, salt));
}

lgd_status memory_draw(float *weights, const float *importances, size_t n, size_t most, uint64_t salt, lgd_err *err) {
    if (n <= most) return LGD_OK;
    double *order = lgd_alloc(n * sizeof *order);
    if (!order) return lgd_fail_memory(err, n * sizeof *order);
    for (size_t i = 0; i < n; i++) order[i] = priority_of(weights, importances, i, salt);
    qsort(order, n, sizeof *order, descending);
    double least = order[most];
    lgd_free(order);
    for (size_t i = 0; i < n; i++) {
        double share = share_of(weights, importances, i), stands_for = fmax(share, least);
        bool stays = priority_of(weights, importances, i, salt) > least;
        weights[i] = stays ? (float)(stands_for / (importances ? (double)importances[i] : 1)) : 0;
    }
    return LGD_OK;
}

size_t memory_copies_next(memory_copies *c, double weight) {
    c->sum += weight;
    double until = floor(c->sum + 0.5), copies = until - c->made;
    c->made = until;
    return (size_t)copies;
}
