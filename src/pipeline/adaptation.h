/* Private to pipeline: --adapt. What detect's lgd_adapt learns of the sessions of a scan, and how that is told. */
#ifndef LGD_PIPELINE_ADAPTATION_H
#define LGD_PIPELINE_ADAPTATION_H

#include "bundle.h"
#include "logdetect/report.h"
#include "sessions.h"

typedef struct adaptation {
    lgd_adapt *adapt; /* NULL: the statistics stay as the training left them */
    const lgd_newcomers *newcomers;
    size_t n_templates; /* of the model */
    uint8_t *levels;    /* by template, newcomers behind: the worst that one of its lines stated */
    size_t n_levels, levels_capacity;
} adaptation;

void adaptation_release(adaptation *a);
/* Nothing where the model knows no sessions. fpr: of the scan. *a must stay where it is. */
lgd_status adaptation_begin(adaptation *a, const bundle *b, const lgd_newcomers *newcomers, double fpr, lgd_err *err);
/* Lines of the template state such a level. */
lgd_status adaptation_see(adaptation *a, lgd_template_id id, lgd_level level, lgd_err *err);
/* Fills summary->learned; texts go to the arena. */
lgd_status adaptation_tell(const adaptation *a, lgd_arena *arena, lgd_summary *summary, lgd_err *err);

#endif
