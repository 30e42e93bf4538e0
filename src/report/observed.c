/*
 * report/observed: a scan whose results no output takes but an observer, who is part of the program.
 */
#include "output.h"

typedef struct state {
    lgd_observer observer;
} state;

static lgd_status begin(lgd_report *r, lgd_err *err) {
    const lgd_observer *o = &((const state *)r->state)->observer;
    return o->begin ? o->begin(o->ctx, &r->head, err) : LGD_OK;
}

static lgd_status finding(lgd_report *r, const lgd_finding *f, const char *incident_id, lgd_err *err) {
    const lgd_observer *o = &((const state *)r->state)->observer;
    (void)incident_id;
    return o->finding ? o->finding(o->ctx, f, err) : LGD_OK;
}

static lgd_status session(lgd_report *r, const lgd_session_finding *s, lgd_err *err) {
    const lgd_observer *o = &((const state *)r->state)->observer;
    return o->session ? o->session(o->ctx, s, err) : LGD_OK;
}

static lgd_status end(lgd_report *r, const lgd_summary *s, lgd_err *err) {
    const lgd_observer *o = &((const state *)r->state)->observer;
    return o->end ? o->end(o->ctx, s, err) : LGD_OK;
}

/* The report begins once it knows its observer. */
lgd_status lgd_report_observed(const lgd_observer *observer, const lgd_report_head *head, lgd_report **ret_report,
                               lgd_err *err) {
    static const lgd_report_ops ops = {
        .state_bytes = sizeof(state), .finding = finding, .session = session, .end = end};
    lgd_report *r = NULL;
    LGD_TRY(lgd_report_make(&ops, head, (lgd_sink){0}, &r, err));
    ((state *)r->state)->observer = *observer;
    lgd_status status = begin(r, err);
    if (status != LGD_OK) {
        lgd_report_free(r);
        return status;
    }
    *ret_report = r;
    return LGD_OK;
}
