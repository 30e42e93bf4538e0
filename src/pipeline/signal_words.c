/*
 * pipeline/signal_words: a signal -> its reason in words: what is typical and what was seen, in numbers that can be
 * counted again in the logs.
 */
#include "signals.h"

#include "logdetect/report.h"

#include <math.h>

typedef struct words {
    lgd_buf typical, actual;
} words;

static const char *say_burst(const lgd_signal *s, words *w) {
    char expected[32];
    double two_digits = s->expected < 10 ? round(s->expected * 10) / 10 : round(s->expected);
    size_t n = lgd_format_f64(two_digits, expected);
    lgd_buf_printf(&w->typical, "at most %llu in ", (unsigned long long)s->peak);
    lgd_format_duration(&w->typical, s->width_ns);
    lgd_buf_printf(&w->typical, ", %.*s at such an hour", (int)n, expected);
    lgd_buf_printf(&w->actual, "%llu since ", (unsigned long long)s->count);
    lgd_format_time(&w->actual, s->start_ns);
    return "much more often than usual";
}

static const char *say_silence(const lgd_signal *s, words *w) {
    lgd_buf_add_sv(&w->typical, LGD_SV("every "));
    lgd_format_duration(&w->typical, s->mean_ns);
    lgd_buf_add_sv(&w->typical, LGD_SV(" +- "));
    lgd_format_duration(&w->typical, s->deviation_ns);
    lgd_buf_add_sv(&w->typical, LGD_SV(", never more than "));
    lgd_format_duration(&w->typical, s->longest_ns);
    lgd_buf_add_sv(&w->typical, LGD_SV(" apart"));
    lgd_buf_add_sv(&w->actual, s->whole ? LGD_SV("no line at all for ") : LGD_SV("none for "));
    lgd_format_duration(&w->actual, s->lasted_ns);
    lgd_buf_add_sv(&w->actual, LGD_SV(" since "));
    lgd_format_time(&w->actual, s->start_ns);
    if (s->whole) return "the whole log was silent";
    return s->seen ? "did not come any more" : "did not come";
}

static const char *say_miss(const lgd_signal *s, words *w) {
    lgd_buf_printf(&w->typical, "at %02u:%02u:%02u UTC +- ", (unsigned)(s->second / 3600),
                   (unsigned)(s->second / 60 % 60), (unsigned)(s->second % 60));
    lgd_format_duration(&w->typical, s->deviation_ns);
    lgd_buf_printf(&w->typical, " on each of %u days", (unsigned)s->days);
    lgd_buf_add_sv(&w->actual, LGD_SV("none for "));
    lgd_format_duration(&w->actual, s->lasted_ns);
    lgd_buf_add_sv(&w->actual, LGD_SV(" since "));
    lgd_format_time(&w->actual, s->due_ns);
    return s->whole ? "the whole log was silent when it was due" : "did not come at its time of the day";
}

static const char *say(const lgd_signal *s, words *w) {
    switch (s->kind) {
    case LGD_SIGNAL_BURST: return say_burst(s, w);
    case LGD_SIGNAL_SILENCE: return say_silence(s, w);
    case LGD_SIGNAL_MISSED: break;
    }
    return say_miss(s, w);
}

lgd_status signal_explain(const lgd_signal *s, lgd_arena *arena, lgd_verdict *ret, lgd_err *err) {
    words w = {0};
    double p = exp2(-s->bits);
    lgd_factor *f = &ret->factors[0];
    *ret = (lgd_verdict){.score = 1 - p, .bits = s->bits, .p_value = p, .is_anomaly = true, .n_factors = 1};
    f->kind = s->kind == LGD_SIGNAL_BURST ? LGD_BURST : LGD_SILENCE;
    f->share = ret->score;
    f->text = lgd_sv_of(say(s, &w));
    bool ok = !w.typical.failed && !w.actual.failed && lgd_arena_copy(arena, lgd_buf_sv(&w.typical), &f->typical) &&
              lgd_arena_copy(arena, lgd_buf_sv(&w.actual), &f->actual);
    lgd_buf_release(&w.typical);
    lgd_buf_release(&w.actual);
    return ok ? LGD_OK : lgd_fail_memory(err, 256);
}
