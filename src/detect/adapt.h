/* Private to detect: what a session does that others do not, and how often it was seen of late. */
#ifndef LGD_DETECT_ADAPT_H
#define LGD_DETECT_ADAPT_H

#include "counts.h"

/* ---- marks.c: deviations and the evidence for them ---- */

enum { MAX_MARKS = 4096, MAX_DEVIATIONS = 32 };

/* A deviation that sessions have shown. Its evidence is the number of sessions that showed it, each fading with those
 * that came after it. */
typedef struct mark {
    lgd_deviation what;
    double evidence;
    uint64_t last_session;  /* number of the one that showed it last */
    uint64_t first_session; /* of this run of it */
    int64_t since_ns;       /* time of that one */
    uint64_t sessions;      /* that showed it since then */
    bool accepted;          /* it is to be learned */
} mark;

typedef struct mark_table {
    mark *rows;
    size_t n, capacity;
    lgd_index index;
} mark_table;

/* One session more shows it, number `session` of all. *ret: its row, until the next call. A mark that has faded begins
 * anew. Errors: memory. */
lgd_status mark_table_note(mark_table *t, lgd_deviation what, uint64_t session, int64_t time_ns, mark **ret,
                           lgd_err *err);
mark *mark_table_find(mark_table *t, lgd_deviation what); /* NULL: not there */
void mark_table_release(mark_table *t);

/* ---- follow.c: counts that go on learning ---- */

/* Adds sessions to a model whose own weight fades by the factor `fade`. Errors: memory. */
lgd_status count_model_follow(count_model *m, const lgd_session *sessions, const double *weights, size_t n, double fade,
                              lgd_err *err);
/* The counts of a session that say `level` bits or more, at most `most` of them. Returns how many. */
size_t counts_deviations(const lgd_counts *c, const lgd_session *s, double level, lgd_deviation *ret, size_t most);
/* Whether half or more of the templates that most sessions have are missing. */
bool counts_is_cut_short(const lgd_counts *c, const lgd_session *s);

/* ---- order.c ---- */

/* As count_model_follow; empty sequences are left out. */
lgd_status order_follow(lgd_order *o, const lgd_sequence *sequences, const double *weights, size_t n, double fade,
                        lgd_err *err);

/* ---- places.c: where those members are most surprised that do not go on learning ---- */

enum { MAX_PLACES = 16384 };

typedef struct place_row {
    lgd_worst place;
    double weight;
} place_row;

typedef struct place_table {
    place_row *rows;
    size_t n, capacity;
    lgd_index index;
} place_table;

lgd_status place_table_add(place_table *t, const lgd_worst *place, double weight, lgd_err *err);
void place_table_fade(place_table *t, double fade);
double place_table_weight(const place_table *t, const lgd_worst *place);
void place_table_release(place_table *t);

#endif
