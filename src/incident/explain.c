/*
 * incident/explain: columns -> reasons in words. Each factor says what is typical and what was seen, with numbers that
 * can be counted again in the logs; its share is its part of the score.
 */
#include "logdetect/incident.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct words {
    lgd_buf text, typical, actual;
} words;

static void say(lgd_buf *b, const char *s) { lgd_buf_add_sv(b, lgd_sv_of(s)); }

/* The beginning of a template between quotes. Its bytes are the log's: NULs in it are no ends. */
static void say_quoted(lgd_buf *b, lgd_sv text) {
    lgd_buf_add_char(b, '"');
    lgd_buf_add_sv(b, lgd_sv_cut(text, 60));
    lgd_buf_add_char(b, '"');
}

static lgd_factor_kind say_template(const lgd_reasons *r, words *w) {
    uint64_t count = r->context->count;
    unsigned long long events = (unsigned long long)lgd_baseline_n_events(r->baseline);
    lgd_buf_printf(&w->typical, "%llu of %llu training events", (unsigned long long)count, events);
    say(&w->actual, count ? "seen again" : "first time");
    say(&w->text, count ? "rarely seen in training" : "never seen in training");
    return count ? LGD_RARE_TEMPLATE : LGD_NEW_TEMPLATE;
}

static lgd_factor_kind say_sequence(const lgd_reasons *r, words *w) {
    double p = 0;
    lgd_template_id usual = lgd_baseline_successor(r->baseline, r->context->previous, &p);
    say(&w->text, "does not follow its predecessor");
    say(&w->typical, "after ");
    say_quoted(&w->typical, r->template_text(r->ctx, r->context->previous));
    if (usual != LGD_NO_TEMPLATE) {
        say(&w->typical, " comes ");
        say_quoted(&w->typical, r->template_text(r->ctx, usual));
        lgd_format_probability(&w->typical, p);
    }
    lgd_buf_printf(&w->actual, "this line, %llu times in %llu", (unsigned long long)r->context->pair_count,
                   (unsigned long long)r->context->previous_count);
    return LGD_SEQUENCE;
}

/* The network's view: what it expected after all that came before in this stream. */
static lgd_factor_kind say_foretold(const lgd_reasons *r, words *w) {
    const lgd_context *c = r->context;
    say(&w->text, "not what its stream led to expect");
    if (c->expected == LGD_NO_TEMPLATE) {
        say(&w->typical, "expected one of several rare templates");
    } else if (c->expected >= LGD_ORDER_END) {
        say(&w->typical, "expected the end of the session");
    } else {
        say(&w->typical, "expected ");
        say_quoted(&w->typical, r->template_text(r->ctx, c->expected));
    }
    say(&w->actual, "saw ");
    say_quoted(&w->actual, r->template_text(r->ctx, r->events->template_id[r->i]));
    lgd_format_probability(&w->typical, c->p_expected); /* what was learned by squared errors knows none */
    lgd_format_probability(&w->actual, c->p);
    return LGD_SEQUENCE;
}

static lgd_factor_kind say_burst(const lgd_reasons *r, words *w) {
    say(&w->text, "more often in a minute than ever in training");
    lgd_buf_printf(&w->typical, "at most %u a minute", (unsigned)r->context->window_peak);
    lgd_buf_printf(&w->actual, "%u in this minute so far", (unsigned)r->context->window_count);
    return LGD_BURST;
}

static lgd_factor_kind say_level(const lgd_reasons *r, words *w) {
    lgd_buf_printf(&w->text, "says it is %s", lgd_level_name((lgd_level)r->events->level[r->i]));
    lgd_buf_printf(&w->typical, "%.2f %% of training events are warnings or worse",
                   100 * lgd_baseline_warning_share(r->baseline));
    say(&w->actual, lgd_level_name((lgd_level)r->events->level[r->i]));
    return LGD_LEVEL_RATIO;
}

static lgd_factor_kind say_length(const lgd_reasons *r, words *w) {
    say(&w->text, "unusual length");
    lgd_buf_printf(&w->typical, "about %.0f bytes",
                   lgd_baseline_mean_length(r->baseline, r->events->template_id[r->i]));
    lgd_buf_printf(&w->actual, "%u bytes", (unsigned)r->events->length[r->i]);
    return LGD_LENGTH;
}

static lgd_factor_kind say_hour(const lgd_reasons *r, words *w) {
    say(&w->text, "unusual hour for this event");
    lgd_buf_printf(&w->typical, "%llu of %llu between %02u:00 and %02u:59 UTC",
                   (unsigned long long)r->context->hour_count, (unsigned long long)r->context->count,
                   (unsigned)r->context->hour, (unsigned)r->context->hour);
    lgd_buf_printf(&w->actual, "in that hour");
    return LGD_UNUSUAL_TIME;
}

static void say_observation(const lgd_observation *o, lgd_buf *b) { lgd_buf_add_sv(b, lgd_sv_cut(o->text, 80)); }

static lgd_factor_kind say_value(const lgd_reasons *r, words *w) {
    const lgd_observation *o = &r->events->values[r->i][r->context->value];
    bool fresh = lgd_baseline_value_is_new(r->baseline, o);
    say(&w->text, fresh ? "a value never seen in this place" : "a rare value in this place");
    lgd_baseline_describe_values(r->baseline, o->slot, &w->typical);
    say_observation(o, &w->actual);
    return fresh ? LGD_NEW_VALUE : LGD_RARE_VALUE;
}

static lgd_factor_kind say_number(const lgd_reasons *r, words *w) {
    const lgd_observation *o = &r->events->values[r->i][r->context->number];
    say(&w->text, "a number far from the usual ones");
    lgd_baseline_describe_range(r->baseline, o->slot, &w->typical);
    say_observation(o, &w->actual);
    return LGD_NUMERIC_RANGE;
}

static lgd_factor_kind say_gap(const lgd_reasons *r, words *w) {
    say(&w->text, "came after an unusual silence");
    say(&w->typical, "never more than ");
    lgd_format_duration(&w->typical, r->context->gap_max_ns);
    say(&w->typical, " apart");
    lgd_format_duration(&w->actual, r->context->gap_ns);
    return LGD_SILENCE;
}

static lgd_factor_kind say_errors(const lgd_reasons *r, words *w) {
    say(&w->text, "in a minute full of warnings and errors");
    lgd_buf_printf(&w->typical, "%.2f %% of training events are warnings or worse",
                   100 * lgd_baseline_warning_share(r->baseline));
    lgd_buf_printf(&w->actual, "%u of %u events in this minute", (unsigned)r->context->window_warnings,
                   (unsigned)r->context->window_events);
    return LGD_LEVEL_RATIO;
}

static lgd_factor_kind put_into_words(const lgd_reasons *r, lgd_column c, words *w) {
    switch (c) {
    case LGD_COL_TEMPLATE: return say_template(r, w);
    case LGD_COL_SEQUENCE: return say_sequence(r, w);
    case LGD_COL_BURST: return say_burst(r, w);
    case LGD_COL_LEVEL: return say_level(r, w);
    case LGD_COL_LENGTH: return say_length(r, w);
    case LGD_COL_HOUR: return say_hour(r, w);
    case LGD_COL_VALUE: return say_value(r, w);
    case LGD_COL_NUMBER: return say_number(r, w);
    case LGD_COL_GAP: return say_gap(r, w);
    case LGD_COL_ERRORS: return say_errors(r, w);
    case LGD_COL_FORETOLD: return say_foretold(r, w);
    case LGD_COL_STARTUP:
    case LGD_COLUMNS: break;
    }
    return LGD_RARE_TEMPLATE;
}

static lgd_status add_factor(const lgd_reasons *r, lgd_column c, double share, lgd_arena *arena, lgd_verdict *v,
                             lgd_err *err) {
    words w = {0};
    lgd_factor f = {.kind = put_into_words(r, c, &w), .share = share};
    bool ok = !w.text.failed && !w.typical.failed && !w.actual.failed;
    ok = ok && lgd_arena_copy(arena, lgd_buf_sv(&w.text), &f.text) &&
         lgd_arena_copy(arena, lgd_buf_sv(&w.typical), &f.typical) &&
         lgd_arena_copy(arena, lgd_buf_sv(&w.actual), &f.actual);
    lgd_buf_release(&w.text);
    lgd_buf_release(&w.typical);
    lgd_buf_release(&w.actual);
    if (!ok) return lgd_fail_memory(err, 256);
    v->factors[v->n_factors++] = f;
    return LGD_OK;
}

/* Columns by share, largest first; those past LGD_MAX_FACTORS give theirs to the ones that are told. */
lgd_status lgd_explain(const lgd_reasons *r, lgd_arena *arena, lgd_verdict *verdict, lgd_err *err) {
    bool told[LGD_COLUMNS] = {0};
    lgd_column order[LGD_MAX_FACTORS];
    double sum = 0;
    size_t n = 0;
    for (; n < LGD_MAX_FACTORS; n++) {
        int best = -1;
        for (int c = 0; c < LGD_COLUMNS; c++)
            if (!told[c] && c != LGD_COL_STARTUP && r->shares[c] > 0.005 &&
                (best < 0 || r->shares[c] > r->shares[best]))
                best = c;
        if (best < 0) break;
        told[best] = true;
        order[n] = (lgd_column)best;
        sum += r->shares[best];
    }
    verdict->n_factors = 0;
    for (size_t i = 0; i < n; i++)
        LGD_TRY(add_factor(r, order[i], r->score * r->shares[order[i]] / sum, arena, verdict, err));
    return LGD_OK;
}
