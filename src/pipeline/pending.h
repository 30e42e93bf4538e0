/* Private to pipeline: findings that wait until it is known what their incident is. */
#ifndef LGD_PIPELINE_PENDING_H
#define LGD_PIPELINE_PENDING_H

#include "allowance.h"

/* A queue in order of the log. The head leaves when its group has become an incident or none; when the queue holds more
 * than MAX_PENDING_BYTES, the head leaves undecided, as part of none. */
typedef struct pending pending;
lgd_status pending_new(lgd_grouper *grouper, lgd_report *report, allowance *allowed, bool several_inputs, pending **ret,
                       lgd_err *err);
/* Reports f at once if nothing waits and its group is decided, else copies it. */
lgd_status pending_add(pending *p, const lgd_finding *f, uint64_t group, lgd_err *err);
/* Reports what is decided by now; at the end (after lgd_grouper_rank) everything is. */
lgd_status pending_flush(pending *p, bool end, lgd_err *err);
uint64_t pending_n_undecided(const pending *p); /* findings that left before their incident was known */
uint64_t pending_n_allowed(const pending *p);   /* findings of incidents that are allowed */
void pending_free(pending *p);

#endif
