/* Private to pipeline: what training learns of sessions. */
#ifndef LGD_PIPELINE_SESSION_FIT_H
#define LGD_PIPELINE_SESSION_FIT_H

#include "bundle.h"
#include "foretell.h"
#include "sessions.h"

typedef struct session_fit {
    session_table table;
    size_t first;  /* the sessions from here on began where rows of columns are kept */
    float *scores; /* [seats, table.n], for lgd_session_ensemble_fit; NULL: it needs none */
    bool *suspect; /* [table.n] */
} session_fit;

void session_fit_release(session_fit *f);

/* Counts, order and who judges, from the table. Errors: data for too few sessions. */
lgd_status session_fit_members(session_fit *f, const lgd_ensemble *e, bundle *b, lgd_err *err);
/* Whether lines have to be scored for them, by session_fit_lines. */
bool session_fit_wants_lines(const session_fit *f, const bundle *b);
/* rows: as the detector was fitted on; sessions: [n_rows], by row the session in the table or LGD_INDEX_NONE. */
lgd_status session_fit_lines(session_fit *f, const bundle *b, lgd_pool *pool, const lgd_matrix *rows,
                             const uint32_t *sessions, lgd_err *err);
/* After the last event: what the network says of them all; those that it has learned from are left out of the calibration,
 * unless too few are left. */
lgd_status session_fit_foretold(session_fit *f, foretelling *t, const bundle *b, lgd_err *err);
/* Calibrates the ensemble; after that, the bundle is complete. */
lgd_status session_fit_ensemble(session_fit *f, bundle *b, lgd_err *err);

#endif
