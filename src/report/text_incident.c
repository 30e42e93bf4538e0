/*
 * report/text_incident: one incident as a person on call reads it: how bad, when, what, where it began, why it is called
 * an incident, what usually happens there and what happened now.
 *
 * Everything that comes from a log goes through lgd_escape_terminal; the page itself is ASCII, some 110 columns wide.
 */
#include "output.h"

enum {
    PAGE_WIDTH = 110,
    LABEL_WIDTH = 13,   /* "    why:     " */
    PHRASE_COLUMN = 22, /* of a reason, behind its label: "100 %  NUMERIC_RANGE  " */
    PLACE_BYTES = 40,   /* of a file name, its end */
    RAW_BYTES = 90,     /* of a log line */
    TITLE_BYTES = 90,
    PHRASE_BYTES = 160, /* of one part of a reason */
    STEP_BYTES = 48,    /* of a template in a sequence */
    SHOWN_FACTORS = 3,
    SHOWN_RELATED = 3,
    EXPLAINED_RANKS = 5
};

void lgd_text_count(lgd_buf *b, uint64_t n, int width) {
    lgd_buf text = {0};
    lgd_format_count(&text, n);
    lgd_buf_printf(b, "%*.*s", width, (int)text.n, text.n ? text.p : "");
    b->failed |= text.failed;
    lgd_buf_release(&text);
}

void lgd_text_plural(lgd_buf *b, uint64_t n, const char *noun) {
    lgd_format_count(b, n);
    lgd_buf_printf(b, " %s%s", noun, n == 1 ? "" : "s");
}

/* A number that is not negative, cut (not rounded: a score below 1 never shows as 1) after `decimals` digits. */
static void put_fixed(lgd_buf *b, double x, unsigned decimals) {
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++) scale *= 10;
    double scaled = x * (double)scale;
    uint64_t whole = scaled > 0 && scaled < 1e18 ? (uint64_t)scaled : 0;
    lgd_buf_printf(b, "%llu.%0*llu", (unsigned long long)(whole / scale), (int)decimals,
                   (unsigned long long)(whole % scale));
}

void lgd_text_surprise(lgd_buf *b, const lgd_verdict *v) {
    add(b, "score ");
    put_fixed(b, v->score, 4);
    add(b, " (");
    put_fixed(b, v->bits, 1);
    add(b, " bits)");
}

void lgd_text_range(lgd_buf *b, int64_t start_ns, int64_t end_ns) {
    enum { DATE_BYTES = 10 };
    size_t start = b->n;
    lgd_format_time_text(b, start_ns);
    if (start_ns == LGD_NO_TIME) return;
    if (end_ns != LGD_NO_TIME && end_ns / 1000000000 != start_ns / 1000000000) {
        lgd_buf end = {0};
        lgd_format_time_text(&end, end_ns);
        b->failed |= end.failed;
        bool same_day = !b->failed && end.n > DATE_BYTES && memcmp(b->p + start, end.p, DATE_BYTES) == 0;
        size_t skip = same_day ? DATE_BYTES + 1 : 0;
        add(b, " - ");
        if (end.n) lgd_buf_add(b, end.p + skip, end.n - skip);
        lgd_buf_release(&end);
    }
    add(b, " UTC");
}

/* Long paths keep their end, which tells files apart. */
static void put_file(lgd_buf *b, lgd_sv file) {
    if (file.n > PLACE_BYTES) {
        add(b, "...");
        file = (lgd_sv){file.p + (file.n - PLACE_BYTES), PLACE_BYTES};
    }
    lgd_escape_terminal(b, file, PLACE_BYTES);
}

static lgd_sv first_line_of(lgd_sv raw) {
    const char *end = raw.n ? memchr(raw.p, '\n', raw.n) : NULL;
    return end ? (lgd_sv){raw.p, (size_t)(end - raw.p)} : raw;
}

void lgd_text_place(lgd_buf *b, lgd_sv file, uint64_t line, lgd_sv raw) {
    put_file(b, file);
    lgd_buf_printf(b, ":%llu  ", (unsigned long long)line);
    lgd_escape_terminal(b, lgd_sv_trim(first_line_of(raw)), RAW_BYTES);
    lgd_buf_add_char(b, '\n');
}

/* ---- reasons ---- */

static double sum_of_shares(const lgd_verdict *v) {
    double sum = 0;
    for (size_t i = 0; i < v->n_factors; i++) sum += v->factors[i].share;
    return sum;
}

/* Between two parts of a reason: "; " if `more` bytes still fit on the line that began at *start, else a new line. */
static void separate(lgd_buf *b, size_t *start, size_t more) {
    if (b->n - *start + more <= PAGE_WIDTH - LABEL_WIDTH) {
        add(b, "; ");
        return;
    }
    lgd_buf_printf(b, "\n%*s", LABEL_WIDTH, "");
    *start = b->n;
    lgd_buf_printf(b, "%*s", PHRASE_COLUMN, "");
}

static size_t shown_bytes(lgd_sv text) {
    return (text.n < PHRASE_BYTES ? text.n : PHRASE_BYTES) + sizeof "; typical: ";
}

/* " 62 %  NEW_TEMPLATE   never seen in training; typical: ...; actual: ..." */
static void put_factor(lgd_buf *b, const lgd_factor *f, double sum) {
    size_t start = b->n;
    double part = f->share / sum; /* no number where a share is none */
    unsigned percent = part > 0 && part <= 1 ? (unsigned)(100 * part + 0.5) : 0;
    lgd_buf_printf(b, "%3u %%  %-13s  ", percent, lgd_factor_kind_name(f->kind));
    lgd_escape_terminal(b, f->text, PHRASE_BYTES);
    if (f->typical.n) {
        separate(b, &start, shown_bytes(f->typical) + shown_bytes(f->actual));
        add(b, "typical: ");
        lgd_escape_terminal(b, f->typical, PHRASE_BYTES);
    }
    if (f->actual.n) {
        separate(b, &start, shown_bytes(f->actual));
        add(b, "actual: ");
        lgd_escape_terminal(b, f->actual, PHRASE_BYTES);
    }
    lgd_buf_add_char(b, '\n');
}

void lgd_text_factors(lgd_buf *b, const lgd_verdict *v, const char *label, size_t limit) {
    double sum = sum_of_shares(v);
    for (size_t i = 0; i < v->n_factors && i < limit; i++) {
        lgd_buf_printf(b, "    %-9s", i == 0 ? label : "");
        put_factor(b, &v->factors[i], sum);
    }
}

/* ---- the incident ---- */

static void put_severity(lgd_buf *b, lgd_severity severity, bool color) {
    static const struct {
        const char *word, *sgr;
    } looks[] = {{"LOW     ", "36"}, {"MEDIUM  ", "33"}, {"HIGH    ", "31"}, {"CRITICAL", "1;31"}};
    size_t i = (size_t)severity < sizeof looks / sizeof looks[0] ? (size_t)severity : 0;
    if (color)
        lgd_buf_printf(b, "\x1b[%sm%s\x1b[0m", looks[i].sgr, looks[i].word);
    else
        add(b, looks[i].word);
}

static void put_sequence(lgd_buf *b, const char *label, const lgd_sv *steps, size_t n) {
    if (n == 0) return;
    lgd_buf_printf(b, "    %-9s", label);
    for (size_t i = 0, width = 0; i < n; i++) {
        size_t step = (steps[i].n < STEP_BYTES ? steps[i].n : STEP_BYTES) + 4; /* with its arrow */
        bool wrap = i && width + step > PAGE_WIDTH - LABEL_WIDTH;
        if (wrap) lgd_buf_printf(b, "\n%*s", LABEL_WIDTH, "");
        if (i) add(b, wrap ? "-> " : " -> ");
        lgd_escape_terminal(b, steps[i], STEP_BYTES);
        width = wrap ? step : width + step;
    }
    lgd_buf_add_char(b, '\n');
}

static void put_related(lgd_buf *b, const lgd_incident *i, size_t limit) {
    size_t shown = 0;
    for (size_t k = 0; k < i->n_related && shown < limit; k++) {
        const lgd_evidence *e = &i->related[k];
        if (e->line == i->first.line && lgd_sv_eq(e->file, i->first.file)) continue;
        lgd_buf_printf(b, "    %-9s", shown == 0 ? "related:" : "");
        lgd_format_count(b, e->count);
        add(b, "x  ");
        lgd_text_place(b, e->file, e->line, e->raw);
        shown++;
    }
}

static void put_details(lgd_buf *b, const lgd_incident *i, bool explain) {
    add(b, "    ");
    lgd_text_range(b, i->start_ns, i->end_ns);
    add(b, ", ");
    lgd_text_plural(b, i->lines, "line");
    if (i->n_files > 1) {
        add(b, " in ");
        lgd_text_plural(b, i->n_files, "file");
    }
    add(b, ", ");
    lgd_text_surprise(b, &i->verdict);
    lgd_buf_printf(b, ", id %s\n    first:   ", i->id);
    lgd_text_place(b, i->first.file, i->first.line, i->first.raw);
    lgd_text_factors(b, &i->verdict, "why:", explain ? LGD_MAX_FACTORS : SHOWN_FACTORS);
    put_sequence(b, "normal:", i->normal_sequence, i->n_normal_sequence);
    put_sequence(b, "actual:", i->actual_sequence, i->n_actual_sequence);
    put_related(b, i, explain ? i->n_related : SHOWN_RELATED);
    lgd_buf_add_char(b, '\n');
}

void lgd_text_incident(lgd_buf *b, const lgd_incident *i, uint64_t rank, bool color, bool explain) {
    lgd_buf_printf(b, "%2llu  ", (unsigned long long)rank);
    put_severity(b, i->severity, color);
    add(b, "  ");
    if (explain || rank <= EXPLAINED_RANKS) {
        lgd_escape_terminal(b, i->title, TITLE_BYTES);
        lgd_buf_add_char(b, '\n');
        put_details(b, i, explain);
        return;
    }
    lgd_format_time_text(b, i->start_ns);
    lgd_buf_printf(b, "  %6llu line%s  ", (unsigned long long)i->lines, i->lines == 1 ? " " : "s");
    lgd_escape_terminal(b, i->title, TITLE_BYTES / 3 * 2);
    lgd_buf_add_char(b, '\n');
}
