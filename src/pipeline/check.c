/*
 * pipeline/check: is a model still fit for a log? A scan that is observed: every event is scored as ever, findings are
 * told to nobody, and what the summary says of the fitness is what is printed.
 */
#include "scan.h"

typedef struct check {
    lgd_output_format format;
    lgd_sink sink;
    lgd_report_head head; /* its strings outlive the scan's end */
    bool fits;
} check;

static lgd_status begin(void *ctx, const lgd_report_head *head, lgd_err *err) {
    (void)err;
    ((check *)ctx)->head = *head;
    return LGD_OK;
}

static lgd_status end(void *ctx, const lgd_summary *s, lgd_err *err) {
    check *c = ctx;
    c->fits = s->fitness->fit == LGD_FIT;
    return lgd_report_check(c->format, &c->head, s, c->sink, err);
}

lgd_status lgd_model_check(const lgd_config *config, const lgd_world *world, lgd_sink sink, lgd_outcome *ret_outcome,
                           lgd_err *err) {
    run r = {0};
    bundle model = {0};
    check c = {.format = config->format, .sink = sink};
    const lgd_observer observer = {.begin = begin, .end = end, .ctx = &c, .fitness = true};
    lgd_status status = run_init(&r, config, world, err);
    if (status == LGD_OK) status = bundle_load(config->model, world->hash_key, &model, err);
    if (status == LGD_OK) status = scan_observed(&r, &model, &observer, ret_outcome, err);
    if (status == LGD_OK) ret_outcome->anomalies = !c.fits;
    bundle_release(&model);
    run_release(&r);
    return status;
}
