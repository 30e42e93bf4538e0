/*
 * report/diff_text: what differs between two logs, on a terminal: what was read, then what is new, more, less and gone,
 * the surest of each first, but what is new and severe before the rest; each with its counts and a line where it can be
 * seen.
 *
 * Everything that comes from a log goes through lgd_escape_terminal.
 */
#include "output.h"

#include <stdio.h>

enum {
    SHOWN = 20,
    SHOWN_SEVERE = 100,
    FEW_TEMPLATES = 5,
    MOST_URGENT = 2,
    TEMPLATE_BYTES = 100,
    NAME_BYTES = 200,
    PROBLEM_BYTES = 400,
    INDENT = 15
};

static void put_side(lgd_buf *b, const char *label, const lgd_diff_side *side) {
    add(b, label);
    lgd_escape_terminal(b, side->name, NAME_BYTES);
    add(b, ": ");
    lgd_text_plural(b, side->events, "event");
    add(b, " in ");
    lgd_text_plural(b, side->read.n_inputs, "file");
    if (side->read.start_ns != LGD_NO_TIME) {
        add(b, ", ");
        lgd_text_range(b, side->read.start_ns, side->read.end_ns);
    }
    add(b, "\n");
}

/* How many times as often, or as rarely: "x 38", "/ 12.5"; nothing where one of them is 0. */
static void put_ratio(lgd_buf *b, const lgd_change *c) {
    char text[32] = "";
    double factor = c->ratio > 0 && c->ratio < 1 ? 1 / c->ratio : c->ratio;
    if (c->good && c->bad)
        (void)snprintf(text, sizeof text, "%c %.*f", c->ratio < 1 ? '/' : 'x', factor < 99.95 ? 1 : 0, factor);
    lgd_buf_printf(b, "  %-7.12s", text);
}

static void put_change(lgd_buf *b, const lgd_change *c) {
    add(b, c->significant ? "   " : " ? ");
    lgd_text_count(b, c->good, 8);
    add(b, " -> ");
    size_t start = b->n;
    lgd_format_count(b, c->bad);
    lgd_buf_printf(b, "%*s", b->n - start < 8 ? (int)(8 - (b->n - start)) : 0, "");
    put_ratio(b, c);
    lgd_buf_printf(b, " %-8s  ", lgd_level_name(c->level));
    lgd_escape_terminal(b, c->template_text, TEMPLATE_BYTES);
    lgd_buf_printf(b, "\n%*s", INDENT, "");
    lgd_text_place(b, c->file, c->line, c->raw);
}

static void put_heading(lgd_buf *b, const lgd_diff *d, lgd_change_kind kind, uint64_t n_sure) {
    static const struct {
        const char *word, *what, *sgr;
    } looks[LGD_CHANGE_KINDS] = {[LGD_CHANGE_NONE] = {"", "", ""},
                                 [LGD_CHANGE_NEW] = {"NEW", " only in BAD", "1;31"},
                                 [LGD_CHANGE_GONE] = {"GONE", " only in GOOD", "36"},
                                 [LGD_CHANGE_MORE] = {"MORE", " more frequent in BAD", "33"},
                                 [LGD_CHANGE_LESS] = {"LESS", " less frequent in BAD", "36"}};
    add(b, "\n");
    if (d->color) lgd_buf_printf(b, "\x1b[%sm", looks[kind].sgr);
    add(b, looks[kind].word);
    add(b, d->color ? "\x1b[0m  " : "  ");
    lgd_text_plural(b, d->n[kind], "template");
    add(b, looks[kind].what);
    if (d->n[kind] > n_sure) {
        add(b, "; ");
        if (n_sure) {
            lgd_format_count(b, d->n[kind] - n_sure);
            add(b, " of them ");
        }
        add(b, "not sure (?): too rare, or in one burst");
    }
    add(b, "\n");
}

/* One PANIC says more than a hundred notes: what is new and severe is shown first and always, sure or not. */
static int urgency(const lgd_change *c) {
    if (c->kind != LGD_CHANGE_NEW || c->level < LGD_LEVEL_ERROR) return 0;
    return c->level == LGD_LEVEL_FATAL ? MOST_URGENT : 1;
}

static void put_kind(lgd_buf *b, const lgd_diff *d, lgd_change_kind kind) {
    uint64_t n_sure = 0, shown = 0;
    if (d->n[kind] == 0) return;
    for (size_t i = 0; i < d->n_changes; i++) n_sure += d->changes[i].kind == kind && d->changes[i].significant;
    put_heading(b, d, kind, n_sure);
    for (int u = MOST_URGENT; u >= 0; u--)
        for (size_t i = 0; i < d->n_changes && shown < (u ? SHOWN_SEVERE : SHOWN); i++) {
            if (d->changes[i].kind != kind || urgency(&d->changes[i]) != u) continue;
            put_change(b, &d->changes[i]);
            shown++;
        }
    if (d->n[kind] > shown)
        lgd_buf_printf(b, "  ... and %llu more; --format json has them all\n",
                       (unsigned long long)(d->n[kind] - shown));
}

static void put_problems(lgd_buf *b, const lgd_diff *d) {
    const lgd_diff_side *sides[] = {&d->good, &d->bad};
    bool complete = d->good.read.complete && d->bad.read.complete;
    if (complete && d->good.read.n_problems + d->bad.read.n_problems == 0) return;
    add(b, complete ? "\nPlease note:\n" : "\nThe result is incomplete, because some input could not be read:\n");
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < sides[k]->read.n_problems; i++) {
            add(b, "  - ");
            lgd_escape_terminal(b, sides[k]->read.problems[i], PROBLEM_BYTES);
            add(b, "\n");
        }
}

/* "175 templates; where nothing changed, BAD has 1.03 times as many events as GOOD" */
static void put_scale(lgd_buf *b, const lgd_diff *d) {
    bool equal = d->scale > 0.995 && d->scale < 1.005;
    lgd_text_plural(b, d->templates, "template");
    if (d->good.events == 0 || d->bad.events == 0) {
        add(b, d->good.events ? "; BAD holds no events\n" : "; GOOD holds no events\n");
        return;
    }
    add(b, "; where nothing changed, BAD has ");
    if (!equal) lgd_buf_printf(b, "%.3g times ", d->scale);
    add(b, "as many events as GOOD");
    if (d->scale_templates < FEW_TEMPLATES) {
        add(b, " (a guess: they share ");
        lgd_buf_printf(b, d->scale_templates ? "only %d)" : "none)", (int)d->scale_templates);
    }
    add(b, "\n");
}

void lgd_text_diff(lgd_buf *b, const lgd_diff *d) {
    static const lgd_change_kind order[] = {LGD_CHANGE_NEW, LGD_CHANGE_MORE, LGD_CHANGE_LESS, LGD_CHANGE_GONE};
    put_side(b, "GOOD  ", &d->good);
    put_side(b, "BAD   ", &d->bad);
    put_scale(b, d);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) put_kind(b, d, order[i]);
    if (d->n_changes == 0 && d->good.events) add(b, "\nNo difference.\n");
    put_problems(b, d);
}
