/*
 * detect: columns -> calibrated surprise. Members score rows; each score becomes a tail probability by the scores of
 * held-out training rows; the ensemble takes the surest member (weaker ones with a handicap), and is calibrated again.
 * All surprise is in bits, -log2 of a tail probability.
 */
#ifndef LOGDETECT_DETECT_H
#define LOGDETECT_DETECT_H

#include "logdetect/feature.h"
#include "logdetect/finding.h"
#include "logdetect/nn.h"

/* ---- calibration: score -> bits ---- */

/* B(x) = -log2((training scores >= x, + 1) / (n + 1)), linear between distinct scores, 0 below the lowest: conformal
 * p-values (Vovk et al. 2005), as far as the training can carry them. Among the largest scores it
 * goes on with a fixed slope: what lies there are few incidents of many lines each, and counting their lines would make
 * every later incident of that kind look ordinary. */
typedef struct lgd_calibration {
    float *scores; /* ascending, distinct */
    float *bits;
    size_t n; /* at most LGD_CALIBRATION_KNOTS */
    double tail_slope;
} lgd_calibration;
enum { LGD_CALIBRATION_KNOTS = 1024 };
/* Sorts scores in place. tail: so many of the largest scores carry no knots. tail_slope: bits for each unit of the score
 * beyond the last knot; 0: a quarter of the mean slope below. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_calibrate(float *scores, size_t n, size_t tail, double tail_slope, lgd_calibration *ret,
                                        lgd_err *err);
/* The same with ranks by weight instead of number: B(x) = -log2((weight of scores >= x, + 1) / (weight of all + 1)). All scores
 * carry knots. Sorts scores in place and leaves weights as sums. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_calibrate_weighted(float *scores, double *weights, size_t n, double tail_slope,
                                                 lgd_calibration *ret, lgd_err *err);
double lgd_calibration_bits(const lgd_calibration *c, double score); /* O(log knots), thread-safe, monotone */
/* The bits from which on a share `rate` of scores is flagged: among the thresholds that flag half to twice as much, the
 * middle of the widest gap between neighbouring scores, since scores come in lumps and a quantile would fall on one. */
double lgd_calibration_threshold(const lgd_calibration *c, double rate);
void lgd_calibration_release(lgd_calibration *c);

/* ---- members: one file and one row each ---- */

typedef struct lgd_fit_options {
    uint64_t seed;
    double contamination;  /* share of training rows that a member may take for anomalous */
    uint64_t block_events; /* of the folds: lgd_fold_of */
    uint64_t first_event;  /* number of the first row's event */
    lgd_pool *pool;
    double newcomer_bits; /* of a template never seen: what is beyond all of the training counts as much */
} lgd_fit_options;

typedef struct lgd_member {
    const char *name;
    const char *what;  /* one sentence */
    double handicap;   /* bits that it must be surer than others to speak alone */
    bool is_bits;      /* its scores are -log2 of a probability already and are taken as they are */
    double tail_slope; /* of its calibration, see lgd_calibrate */
    /* rows: the training rows to fit on. State is the member's own; fit may give NULL for members without any. */
    lgd_status (*fit)(const lgd_matrix *rows, const lgd_fit_options *o, void **ret_state, lgd_err *err);
    /* Scores of rows [begin, end) to scores[begin..end); higher is more anomalous. Thread-safe on one state. */
    void (*score)(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores);
    void (*save)(const void *state, lgd_buf *out);
    lgd_status (*load)(lgd_sv bytes, void **ret_state, lgd_err *err);
    void (*release)(void *state); /* takes NULL */
} lgd_member;

extern const lgd_member *const lgd_members[];
extern const size_t lgd_n_members;

/* ---- ensemble: who judges, lines and sessions alike ---- */

/* How a member judges a session. */
typedef enum lgd_session_judge {
    LGD_JUDGE_BY_LINES,  /* by the most surprising of its lines */
    LGD_JUDGE_BY_COUNTS, /* lgd_counts */
    LGD_JUDGE_BY_ORDER,  /* lgd_order */
    LGD_JUDGE_BY_LSTM    /* lgd_lstm */
} lgd_session_judge;

/* A name that an ensemble may hold. Every one can judge sessions; not every one judges lines. */
typedef struct lgd_role {
    const char *name;
    const lgd_member *lines; /* NULL: judges no lines */
    lgd_session_judge sessions;
    double session_handicap; /* bits that it must be surer than others to speak alone of a session */
} lgd_role;

extern const lgd_role lgd_roles[];
extern const size_t lgd_n_roles;

typedef struct lgd_seat {
    const lgd_role *role;
    double weight; /* 0: no weights */
} lgd_seat;

/* Without weights the surest member speaks, the weaker ones with a handicap; with weights it is the weighted mean of the
 * members' bits. */
typedef struct lgd_ensemble {
    lgd_seat seats[LGD_MAX_MEMBERS];
    size_t n;
    bool weighted;
} lgd_ensemble;

void lgd_ensemble_init(lgd_ensemble *e); /* every member, without weights */
/* weight: 0.001 to 1000, or 0 for none; all of an ensemble have one or none has. Errors: usage, without the end `nothing was
 * done`: no such member, twice, the weight. */
LGD_MUST_CHECK lgd_status lgd_ensemble_add(lgd_ensemble *e, lgd_sv name, double weight, lgd_err *err);
/* text: "name=weight,..."; NULL: as lgd_ensemble_init. Errors: usage, `--ensemble: ...`. */
LGD_MUST_CHECK lgd_status lgd_ensemble_parse(const char *text, lgd_ensemble *ret, lgd_err *err);

/* ---- detector: the ensemble of lines ---- */

typedef struct lgd_detector lgd_detector;

/* Of the ensemble, those that judge lines; where none does, no line is surprising. rows: all
 * training rows with cross-scored columns, in order. Fits members on the rows of the
 * first folds and calibrates them on those of the last, then the ensemble on all. Errors: data for too few rows; memory. */
LGD_MUST_CHECK lgd_status lgd_detector_fit(const lgd_matrix *rows, const lgd_ensemble *ensemble,
                                           const lgd_fit_options *o, lgd_detector **ret, lgd_err *err);
void lgd_detector_free(lgd_detector *d); /* takes NULL */

/* Surprise of all rows, ret[rows->n_rows]: what the ensemble makes of its members' bits. Incidents add it up. Works on
 * all threads of the pool (NULL: this one); the result does not depend on their number. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_detector_score(const lgd_detector *d, lgd_pool *pool, const lgd_matrix *rows, float *ret,
                                             lgd_err *err);
/* The same, with the bits of each member: ret_members[n_members, n_rows]. */
LGD_MUST_CHECK lgd_status lgd_detector_score_members(const lgd_detector *d, lgd_pool *pool, const lgd_matrix *rows,
                                                     float *ret, float *ret_members, lgd_err *err);
/* Surprise -> calibrated bits, -log2 of the tail probability. Monotone. */
double lgd_detector_bits(const lgd_detector *d, double surprise);
/* Bits from which on a row is anomalous at this false-alarm rate: lgd_calibration_threshold of the ensemble. */
double lgd_detector_threshold(const lgd_detector *d, double fpr);
/* What training says of the bits of a member (or of the ensemble, beyond the last): ret[k], k < n, is the share of its
 * calibration's scores with at least k bits. Returns how many of these are shares that were counted: bits beyond go on by
 * a slope. 0: it is not calibrated. */
size_t lgd_detector_expected(const lgd_detector *d, size_t member, double *ret, size_t n);
size_t lgd_detector_n_members(const lgd_detector *d);
const char *lgd_detector_member_name(const lgd_detector *d, size_t i);
double lgd_detector_member_weight(const lgd_detector *d, size_t i); /* 0: the ensemble has no weights */
uint64_t lgd_detector_fit_rows(const lgd_detector *d);

/* One row: the members' p-values and, if `with_shares`, how much of the surprise each column carries. shares: [LGD_COLUMNS],
 * sum 1 (all 0 when nothing is unusual). Found by setting columns back to their ordinary value, the one that lowers it most
 * first, until nothing unusual is left: some tens of scorings instead of one. */
typedef struct lgd_attribution {
    double surprise;
    double member_p[LGD_MAX_MEMBERS];
    double shares[LGD_COLUMNS];
} lgd_attribution;
void lgd_detector_explain(const lgd_detector *d, const float row[LGD_COLUMNS], bool with_shares, lgd_attribution *ret);

LGD_MUST_CHECK lgd_status lgd_detector_save(const lgd_detector *d, lgd_buf *out, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_detector_load(lgd_sv bytes, lgd_detector **ret, lgd_err *err);

enum { LGD_MIN_SESSIONS = 50 }; /* fewer do not say what a normal one is */

/* ---- sessions: counts of templates ---- */

/* How often each template occurs in a session; a template once at most. */
typedef struct lgd_template_count {
    lgd_template_id id;
    uint32_t n;
} lgd_template_count;

typedef struct lgd_session {
    const lgd_template_count *counts;
    size_t n;
} lgd_session;

typedef struct lgd_counts lgd_counts;

/* The count that a session's score rests on. */
typedef struct lgd_count_reason {
    lgd_template_id id;
    uint32_t actual;
    uint32_t typical;     /* the most frequent count in training sessions, the later ones weighing more */
    double typical_share; /* of training sessions that have it, each counting once */
    double actual_share;
} lgd_count_reason;

typedef struct lgd_counts_options {
    size_t n_templates;
    double rate; /* of false alarms that is asked for: from which share of suspects on the training is contaminated */
} lgd_counts_options;

/* What the training sessions were to models that had not seen them; arrays of the caller, [n] each. */
typedef struct lgd_counts_cross {
    float *bits;
    bool *suspect; /* in a contaminated training: to be left out of any calibration */
} lgd_counts_cross;

/* Learns from the sessions of the training in order of appearance. ret_cross: may be NULL. Errors: data for fewer than 50
 * sessions. */
LGD_MUST_CHECK lgd_status lgd_counts_fit(const lgd_session *sessions, size_t n, const lgd_counts_options *o,
                                         const lgd_counts_cross *ret_cross, lgd_counts **ret, lgd_err *err);
void lgd_counts_free(lgd_counts *c); /* takes NULL */
/* Surprise of a session, calibrated bits; ret_reason may be NULL. Thread-safe. */
double lgd_counts_bits(const lgd_counts *c, const lgd_session *session, lgd_count_reason *ret_reason);
double lgd_counts_threshold(const lgd_counts *c, double rate); /* bits from which on a session is anomalous */
uint64_t lgd_counts_n_sessions(const lgd_counts *c);
double lgd_counts_suspects(const lgd_counts *c); /* estimated share of anomalous sessions in the training */
LGD_MUST_CHECK lgd_status lgd_counts_save(const lgd_counts *c, lgd_buf *out, lgd_err *err);
/* bytes are hostile. n_templates: of the model's store; a section made for another number is damaged. */
LGD_MUST_CHECK lgd_status lgd_counts_load(lgd_sv bytes, size_t n_templates, lgd_counts **ret, lgd_err *err);

/* ---- sessions: order of templates ---- */

typedef struct lgd_sequence {
    const lgd_template_id *ids;
    size_t n;
} lgd_sequence;

typedef struct lgd_order lgd_order;

/* Learns which template follows which two (interpolated Witten-Bell trigram) from the sessions of the training in order of
 * appearance. ret_bits: [n], what they were to models that had not seen them; may be NULL. Errors: data for fewer than 50
 * sessions. */
LGD_MUST_CHECK lgd_status lgd_order_fit(const lgd_sequence *sequences, size_t n, size_t n_templates, float *ret_bits,
                                        lgd_order **ret, lgd_err *err);
void lgd_order_free(lgd_order *o); /* takes NULL */

/* A session on its way: the last two templates and the greatest surprise so far. Start with lgd_order_begin. */
typedef struct lgd_order_state {
    lgd_template_id last[2];
    double most;                /* bits */
    lgd_template_id before, at; /* where it was: `at` came behind `before` */
} lgd_order_state;
#define LGD_ORDER_START (UINT32_MAX - 1) /* stand for the ends of a session in `before` and `at` */
#define LGD_ORDER_END   (UINT32_MAX - 2)
void lgd_order_begin(lgd_order_state *s);
void lgd_order_step(const lgd_order *o, lgd_order_state *s, lgd_template_id id); /* O(1) */
/* Calibrated bits of the session if it ends here. *s takes the end in. */
double lgd_order_end(const lgd_order *o, lgd_order_state *s);
/* What usually follows `before` and its probability; LGD_NO_TEMPLATE if nothing is known. */
lgd_template_id lgd_order_usual(const lgd_order *o, lgd_template_id before, double *ret_p);
LGD_MUST_CHECK lgd_status lgd_order_save(const lgd_order *o, lgd_buf *out, lgd_err *err);
/* As lgd_counts_load. */
LGD_MUST_CHECK lgd_status lgd_order_load(lgd_sv bytes, size_t n_templates, lgd_order **ret, lgd_err *err);

/* ---- sessions: the ensemble ---- */

/* Who of an ensemble judges sessions: with weights all of it; without weights those that have a judgement of their own of
 * a session, or, where none has, all of it. Each has a seat, in the order of the ensemble. */
typedef struct lgd_session_ensemble lgd_session_ensemble;
LGD_MUST_CHECK lgd_status lgd_session_ensemble_new(const lgd_ensemble *e, lgd_session_ensemble **ret, lgd_err *err);
void lgd_session_ensemble_free(lgd_session_ensemble *e); /* takes NULL */
size_t lgd_session_ensemble_n(const lgd_session_ensemble *e);
const lgd_role *lgd_session_ensemble_role(const lgd_session_ensemble *e, size_t seat);
double lgd_session_ensemble_weight(const lgd_session_ensemble *e, size_t seat); /* 0: no weights */

/* Whether it needs to be calibrated: without weights and with `counts` among them, bits are those of its members and the
 * threshold is that of the counts. */
bool lgd_session_ensemble_is_calibrated(const lgd_session_ensemble *e);
/* scores: [n_seats, n], of the training sessions: bits of the seat's own judgement, as of a session that it had not seen;
 * of LGD_JUDGE_BY_LINES the greatest bits of a line. suspect: [n], those to be left out. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_session_ensemble_fit(lgd_session_ensemble *e, const float *scores, const bool *suspect,
                                                   size_t n, lgd_err *err);

/* What is said of one session. */
typedef struct lgd_session_opinion {
    double bits;                         /* calibrated */
    double member_bits[LGD_MAX_MEMBERS]; /* by seat */
    size_t speaker;                      /* the seat that it rests on most */
} lgd_session_opinion;
/* scores: by seat, as in lgd_session_ensemble_fit. Thread-safe. */
void lgd_session_ensemble_judge(const lgd_session_ensemble *e, const double *scores, lgd_session_opinion *ret);
/* Bits from which on a session is anomalous. counts: what the threshold of an ensemble that is not calibrated comes from. */
double lgd_session_ensemble_threshold(const lgd_session_ensemble *e, const lgd_counts *counts, double rate);
LGD_MUST_CHECK lgd_status lgd_session_ensemble_save(const lgd_session_ensemble *e, lgd_buf *out, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_session_ensemble_load(lgd_sv bytes, lgd_session_ensemble **ret, lgd_err *err);

/* ---- sequences: an LSTM over windows of templates ---- */

/* An event as the network sees it: its template, in a stream. A stream is what a window follows: a session where the event
 * has one, else its process or thread, else its file. Windows of a stream follow each other without overlap; in front of the
 * first event stands LGD_ORDER_START, behind the last one of a session LGD_ORDER_END. */
typedef struct lgd_step {
    uint64_t stream;    /* hash of the session's name, or of the process within its file */
    bool is_session;    /* has an end that can come too early */
    lgd_template_id id; /* LGD_NO_TEMPLATE, and what the training did not have, is unknown */
} lgd_step;

typedef struct lgd_lstm_options {
    uint64_t seed;
    uint32_t steps;    /* events in a window: 20 */
    uint32_t width;    /* numbers that a template is embedded in: 16 */
    uint32_t n_layers; /* LSTM layers and their units: 64 32 32 64 */
    uint32_t units[LGD_NET_MAX_LAYERS];
    lgd_net_loss loss;
    double dropout;
    uint32_t epochs;      /* at most: 50 */
    uint64_t max_passes;  /* windows times epochs: many windows need fewer of them; 0: no limit */
    uint32_t max_windows; /* distinct ones to fit on, and a quarter as many held-out ones: 16384 */
} lgd_lstm_options;
enum { LGD_LSTM_PASSES = 10 * 16384 };           /* the default: ten epochs of as many windows as are taken */
void lgd_lstm_options_init(lgd_lstm_options *o); /* the defaults */

/* The windows of a training log, distinct ones with their counts. Bounded: of too many a sample is kept, larger counts the
 * likelier (priority sampling, Duffield 2007), by a hash of the window, so that it is always the same one; of too many
 * streams that are no sessions those that were not there for longest end early. */
typedef struct lgd_corpus lgd_corpus;
/* Errors: usage for windows of no or too many steps; memory. */
LGD_MUST_CHECK lgd_status lgd_corpus_new(const lgd_lstm_options *o, lgd_corpus **ret, lgd_err *err);
void lgd_corpus_free(lgd_corpus *c); /* takes NULL */
/* held_out: whether what begins with this event is kept from fitting, for early stopping and calibration: a session, or,
 * in other streams, which may run through all of a log, a window. O(1). Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_corpus_add(lgd_corpus *c, const lgd_step *step, bool held_out, lgd_err *err);
/* A new input: streams that are no sessions end. */
void lgd_corpus_begin_input(lgd_corpus *c);

/* What an update goes on from: as many windows as a fit takes, with their counts, and the counts of templates. c has been
 * given to lgd_lstm_fit, with o. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_corpus_remember(lgd_corpus *c, const lgd_lstm_options *o, lgd_buf *out, lgd_err *err);
/* Adds what another corpus remembered, its counts at `weight` as lgd_fading has it; before any step. bytes are hostile.
 * n_templates: those that there are. Errors: damaged, windows of another length among it; memory. */
LGD_MUST_CHECK lgd_status lgd_corpus_recall(lgd_corpus *c, lgd_sv bytes, size_t n_templates, double weight,
                                            uint64_t salt, lgd_err *err);
/* A held-out session of an earlier training, whole; its windows are recalled. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_corpus_recall_session(lgd_corpus *c, const lgd_template_id *ids, size_t n, lgd_err *err);

typedef struct lgd_lstm lgd_lstm;

typedef struct lgd_lstm_fit_summary {
    uint64_t windows, distinct, fitted, held; /* seen; of them distinct; distinct ones used */
    uint32_t vocab, epochs;                   /* rows of the network; epochs done */
    double loss, held_loss; /* of the epoch that was kept: bits an event; LGD_LOSS_SQUARED: the error */
    lgd_net_loss loss_kind;
    lgd_stop stop;
} lgd_lstm_fit_summary;

/* Who follows a fit, and where it goes on from. */
typedef struct lgd_lstm_course {
    /* After each epoch, with losses as the network has them, not in bits; may be NULL. */
    void (*told)(void *ctx, const lgd_epoch *epoch);
    /* Given the fit's state after each epoch; may be NULL. An error ends the fit. */
    lgd_status (*keep)(void *ctx, lgd_sv state, lgd_err *err);
    void *ctx;
    lgd_sv resume; /* a state that keep was given: goes on as if it had never stopped; hostile; empty: from the start */
    const char *name; /* of the state, for errors */
} lgd_lstm_course;

/* Learns from the corpus, whose streams end now; free is all that may be called for it afterwards. o: as the corpus was made
 * with. Of more than 1,021 templates (LGD_LOSS_SQUARED: 253) the rarer ones share 64 rows of the network, each with its
 * share of the row's probability. course: NULL: nobody, from the start.
 * Errors: data for fewer fitted windows than LGD_LSTM_MIN_WINDOWS, or where no epoch had a finite loss; usage for options
 * that do not fit the corpus or a network, and for a state of another network or of other options or windows; damaged, the
 * state; memory. */
enum { LGD_LSTM_MIN_WINDOWS = 16 };
LGD_MUST_CHECK lgd_status lgd_lstm_fit(lgd_corpus *c, const lgd_lstm_options *o, lgd_engine *e,
                                       const lgd_lstm_course *course, lgd_lstm **ret, lgd_lstm_fit_summary *ret_summary,
                                       lgd_err *err);
void lgd_lstm_free(lgd_lstm *l); /* takes NULL */
const lgd_net *lgd_lstm_net(const lgd_lstm *l);
LGD_MUST_CHECK lgd_status lgd_lstm_save(const lgd_lstm *l, lgd_buf *out, lgd_err *err);
/* bytes are hostile. n_templates: of the model's store; a section that knows others is damaged. */
LGD_MUST_CHECK lgd_status lgd_lstm_load(lgd_sv bytes, size_t n_templates, lgd_lstm **ret, lgd_err *err);

/* What the network says of an event. score: log2(p_expected / p), how much likelier another template was here (where the
 * likeliest are rare ones that share a place: the most frequent of these); but of an
 * event that came n times among the N that were fitted no more than min(max(log2 16(n + 1), -log2 8u), -log2 .01u), u =
 * (n + 1) / N: nobody can be surer that it is out of place than its n other places allow, unless it is rare anywhere. What
 * never came has the last of the three. Where the loss is LGD_LOSS_SQUARED it is the error of the outputs instead, at least
 * 2 for what never came, and p and p_expected are 0. Scores, and log2 of p, come in steps of 1/64. */
typedef struct lgd_foretold {
    float score;
    float p, p_expected; /* p: 0 where the template is unknown */
    /* Or LGD_ORDER_END; LGD_NO_TEMPLATE: rare ones that share a row, and p_expected is of them all. */
    lgd_template_id expected;
} lgd_foretold;

/* The worst of a session: the first of its highest scores, its end included. */
typedef struct lgd_lstm_session {
    lgd_foretold at_worst;
    lgd_template_id before[3]; /* the templates before it, oldest first; LGD_ORDER_START */
    lgd_template_id at;        /* itself; LGD_ORDER_END */
    double bits; /* calibrated by the held-out sessions; the score if they were fewer than LGD_MIN_SESSIONS */
} lgd_lstm_session;

/* Follows the streams of a log. What was computed for a sequence once is remembered, so repeated ones cost a look-up.
 * Bounded: so many streams and remembered sequences; older ones are forgotten. */
typedef struct lgd_follower lgd_follower;
/* l and e must outlive it. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_follower_new(const lgd_lstm *l, lgd_engine *e, lgd_follower **ret, lgd_err *err);
void lgd_follower_free(lgd_follower *f); /* takes NULL */
/* A new input: streams that are no sessions begin anew. */
void lgd_follower_begin_input(lgd_follower *f);
/* ret: [n]. The result does not depend on how a log is cut into calls, nor on the number of threads; calls of thousands of
 * steps are faster than short ones. Errors: memory; free is all that may be called then. */
LGD_MUST_CHECK lgd_status lgd_follower_add(lgd_follower *f, const lgd_step *steps, size_t n, lgd_foretold *ret,
                                           lgd_err *err);
/* All sessions end here; lgd_follower_session tells of them afterwards, and nothing may be added. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_follower_finish(lgd_follower *f, lgd_err *err);
/* False: nothing is known of it (too many streams). */
bool lgd_follower_session(const lgd_follower *f, uint64_t stream, lgd_lstm_session *ret);

/* ---- sessions: statistics that follow the log ---- */

/* Where a member is most surprised by a session: at `at`, behind the two before, oldest first. */
typedef struct lgd_worst {
    lgd_template_id before[2]; /* LGD_ORDER_START */
    lgd_template_id at;        /* LGD_ORDER_END; LGD_NO_TEMPLATE: nowhere */
    double bits;               /* calibrated, without the member's handicap */
} lgd_worst;

/* What a session does that others do not. */
typedef enum lgd_deviation_kind {
    LGD_DEVIATION_ABSENT, /* has none of a template that sessions have */
    LGD_DEVIATION_FEWER,  /* a count of it that is smaller than usual */
    LGD_DEVIATION_MORE,   /* or larger; or it is new */
    LGD_DEVIATION_ORDER,  /* lgd_order does not expect the template where it comes */
    LGD_DEVIATION_LSTM    /* nor the network */
} lgd_deviation_kind;
typedef struct lgd_deviation {
    lgd_deviation_kind kind;
    lgd_template_id id; /* LGD_ORDER_END: the end, for the last two */
} lgd_deviation;

/* A behaviour that was learned. */
enum {
    LGD_PHASE_PARTS = 8,
    LGD_ADAPT_EVENTS = 4096 /* of a session of which the order is followed; longer ones count by their counts alone */
};
typedef struct lgd_phase {
    int64_t since_ns;                     /* begin of the first session of it; LGD_NO_TIME */
    uint64_t sessions, of;                /* that showed it before it was learned, of so many since then */
    lgd_deviation parts[LGD_PHASE_PARTS]; /* what it is */
    size_t n_parts;
} lgd_phase;

typedef struct lgd_adapt_options {
    double threshold; /* bits from which on a session is told */
    /* Whether lines of the template speak of something that failed: what comes with them is never learned. */
    bool (*is_fault)(const void *ctx, lgd_template_id id);
    const void *ctx;
} lgd_adapt_options;

/* A session as it was judged, by lgd_adapt_counts and lgd_adapt_order. */
typedef struct lgd_adapt_session {
    lgd_session session;
    lgd_sequence sequence; /* empty: not known as a whole */
    int64_t start_ns;      /* of its first event, LGD_NO_TIME */
    double bits;
    lgd_worst order, network; /* network: its own bits, not those of lgd_adapt_bits */
} lgd_adapt_session;

/* Follows the sessions of a log in order. A behaviour that makes a session odd is learned when some 40 sessions of late
 * showed it, at least a third of them all, for five minutes or more, unless it looks like a fault: a template that speaks of
 * one, or a session that lacks half of what sessions have. From the first time on the statistics follow the log: sessions
 * that are not odd count as those of the training did, what is older weighs half as much behind a quarter as many sessions
 * as the training had. Until then nothing changes. Bounded; O(1) for a session, amortised. */
typedef struct lgd_adapt lgd_adapt;
/* Copies counts and order (NULL: there is none). Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_adapt_new(const lgd_counts *counts, const lgd_order *order, const lgd_adapt_options *o,
                                        lgd_adapt **ret, lgd_err *err);
void lgd_adapt_free(lgd_adapt *a);                      /* takes NULL */
const lgd_counts *lgd_adapt_counts(const lgd_adapt *a); /* as they are now, until the next lgd_adapt_add */
const lgd_order *lgd_adapt_order(const lgd_adapt *a);   /* NULL */
/* Bits of the network's worst place: its own, but no more than is due to a place as frequent as this one has become. */
double lgd_adapt_bits(const lgd_adapt *a, const lgd_worst *network);
LGD_MUST_CHECK lgd_status lgd_adapt_add(lgd_adapt *a, const lgd_adapt_session *s, lgd_err *err);
size_t lgd_adapt_n_phases(const lgd_adapt *a); /* learned so far */
const lgd_phase *lgd_adapt_phase(const lgd_adapt *a, size_t i);

/* ---- two logs: what changed between them ---- */

enum { LGD_COMPARE_BLOCKS = 16 };

/* How often a template came in GOOD and in BAD, and in each of as many parts of them, which hold equally many events. */
typedef struct lgd_compared {
    uint64_t good, bad;
    uint32_t good_blocks[LGD_COMPARE_BLOCKS], bad_blocks[LGD_COMPARE_BLOCKS];
} lgd_compared;

typedef struct lgd_comparison {
    lgd_change_kind kind; /* more and less: only if significant and by min_ratio or more; new and gone: always */
    double ratio;         /* bad / (good * scale); 0 where good is 0 */
    double bits;          /* -log2 of the probability that chance alone makes such a difference; not bounded */
    double q_value;       /* share of false ones among all that are at least as sure */
    bool significant;     /* q_value <= max_q */
} lgd_comparison;

typedef struct lgd_compare_summary {
    double scale;    /* events of BAD for one of GOOD, where nothing changed */
    uint64_t n_both; /* templates that say so: both have them */
    double max_q, min_ratio;
    uint64_t n[LGD_CHANGE_KINDS];
} lgd_compare_summary;

/* expected_scale: what the scale is thought to be, > 0 (the time that BAD covers over that of GOOD; 1 if nothing is known).
 * ret: [n]. O(n log n). Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_compare(const lgd_compared *rows, size_t n, double expected_scale, lgd_comparison *ret,
                                      lgd_compare_summary *ret_summary, lgd_err *err);

#endif
