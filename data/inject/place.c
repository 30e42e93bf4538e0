/*
 * inject/place: where faults go. The log is cut into one piece of equally many records for each fault; a fault lies in the
 * inner part of its piece, so any two are apart. Each piece gets the kind that has come least so far and finds a carrier
 * there. A shift of level stays to the end, so it can only be the last.
 */
#include "inject.h"

enum { MARGIN = 6 }; /* a sixth of a piece at either end */

static lgd_status keep_fault(inject_plan *p, const inject_fault *f) {
    LGD_TRY(lgd_grow((void **)&p->faults, &p->faults_capacity, p->n_faults + 1, sizeof *f, UINT32_MAX, p->err));
    p->faults[p->n_faults++] = *f;
    return LGD_OK;
}

/* The kinds in the order in which they are tried: fewest first, equals by lot. */
static size_t order_kinds(inject_plan *p, unsigned kinds, inject_kind *ret) {
    uint32_t key[INJECT_KINDS] = {0};
    size_t n = 0;
    for (size_t i = 0; i < p->n_faults; i++) key[p->faults[i].kind] += 1u << 16;
    for (int k = 0; k < INJECT_KINDS; k++) {
        key[k] += lgd_rng_below(&p->rng, 1u << 16);
        if (!(kinds >> k & 1) || (inject_kinds[k].needs_time && !p->log->timed)) continue;
        size_t at = n++;
        for (; at > 0 && key[ret[at - 1]] > key[k]; at--) ret[at] = ret[at - 1];
        ret[at] = (inject_kind)k;
    }
    return n;
}

static lgd_status place_one(inject_plan *p, unsigned kinds, uint32_t from, uint32_t to) {
    inject_kind order[INJECT_KINDS];
    size_t n = order_kinds(p, kinds, order);
    uint32_t margin = (to - from) / MARGIN;
    for (size_t i = 0; i < n; i++) {
        inject_fault f = {0};
        lgd_status status = inject_kinds[order[i]].make(p, from + margin, to - margin, &f);
        if (status == LGD_E_DATA) continue;
        return status == LGD_OK ? keep_fault(p, &f) : status;
    }
    return LGD_OK;
}

lgd_status inject_place(inject_plan *p, unsigned kinds, uint32_t count) {
    const unsigned shift = 1u << INJECT_LEVEL_SHIFT;
    uint32_t pieces = count + ((kinds & shift) != 0), n = (uint32_t)p->log->n;
    for (uint32_t i = 0; i < count; i++)
        LGD_TRY(place_one(p, kinds & ~shift, (uint32_t)((uint64_t)n * i / pieces),
                          (uint32_t)((uint64_t)n * (i + 1) / pieces)));
    if (pieces == count) return LGD_OK;
    return place_one(p, shift, (uint32_t)((uint64_t)n * count / pieces), n);
}
