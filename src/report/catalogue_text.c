/*
 * report/catalogue_text: the templates of a model on a terminal: a table, or with details a block each.
 *
 * Everything that comes from a log goes through lgd_escape_terminal.
 */
#include "output.h"

#include <math.h>

enum { SHOWN_VALUES = 3, TEXT_BYTES = 2000, VALUE_BYTES = 40, NAME_WIDTH = 12, TYPE_WIDTH = 10 };

/* Blanks up to a width behind what was written from `start` on; two at least. */
static void pad(lgd_buf *b, size_t start, size_t width) {
    size_t used = b->n - start;
    lgd_buf_printf(b, "%*s", used + 2 < width ? (int)(width - used) : 2, "");
}

static void put_row(lgd_buf *b, const lgd_catalogue_entry *e) {
    lgd_buf_printf(b, "%6u", (unsigned)e->id);
    lgd_text_count(b, e->count, 12);
    add(b, "  ");
    size_t start = b->n;
    lgd_format_time_text(b, e->last_ns);
    pad(b, start, 21);
    lgd_escape_terminal(b, e->text, TEXT_BYTES);
    add(b, "\n");
}

/* As it is: whole numbers in full, others with all their digits. */
static void put_number(lgd_buf *b, double x) {
    char text[32];
    if (x == floor(x) && fabs(x) < 1e15)
        lgd_buf_printf(b, "%.0f", x);
    else
        lgd_buf_add(b, text, lgd_format_f64(x, text));
}

/* "0 to 20 ms, median 4; " */
static void put_range(lgd_buf *b, const lgd_place *p) {
    put_number(b, p->min);
    add(b, " to ");
    put_number(b, p->max);
    if (p->unit.n) {
        add(b, " ");
        lgd_escape_terminal(b, p->unit, VALUE_BYTES);
    }
    if (p->has_median) {
        add(b, p->exact ? ", median " : ", median about ");
        put_number(b, p->median);
    }
    add(b, "; ");
}

static void put_top_values(lgd_buf *b, const lgd_place *p) {
    for (size_t i = 0; i < p->n_values && i < SHOWN_VALUES; i++) {
        if (i) add(b, ", ");
        lgd_escape_terminal(b, p->values[i].text, VALUE_BYTES);
        add(b, p->values[i].cut ? "... " : " ");
        lgd_format_share(b, p->values[i].n, p->n, 1);
    }
    if (p->n_values > SHOWN_VALUES) lgd_buf_printf(b, " ...; %zu different", p->n_values);
}

/* "0 to 20, median 4; 864 values, more than 16 different" */
static void put_statistics(lgd_buf *b, const lgd_place *p) {
    bool numbers = p->n_numbers == p->n && p->n_values != 1;
    if (numbers && p->mixed) add(b, "in several units; ");
    if (numbers && !p->mixed) put_range(b, p);
    if (!p->many) {
        put_top_values(b, p);
        return;
    }
    lgd_format_count(b, p->n);
    lgd_buf_printf(b, " values, more than %d different", LGD_PLACE_VALUES);
}

static void put_place(const lgd_catalogue *c, const lgd_place *p) {
    lgd_buf *b = c->out;
    add(b, "          ");
    size_t start = b->n;
    if (p->name.n)
        lgd_escape_terminal(b, p->name, SIZE_MAX);
    else
        lgd_buf_printf(b, "%u.", (unsigned)p->number + 1);
    pad(b, start, NAME_WIDTH);
    if (p->n == 0) {
        add(b, "(no values are kept)\n");
        return;
    }
    start = b->n;
    for (size_t t = 0, n = 0; t < c->n_types; t++)
        if (p->types >> t & 1) lgd_buf_printf(b, "%s%s", n++ ? "/" : "", c->type_names[t]);
    pad(b, start, TYPE_WIDTH);
    put_statistics(b, p);
    add(b, "\n");
}

static void put_times(lgd_buf *b, const lgd_catalogue_entry *e) {
    if (e->first_ns == LGD_NO_TIME) return;
    add(b, ", ");
    lgd_format_time_text(b, e->first_ns);
    if (e->last_ns != e->first_ns) {
        add(b, " to ");
        lgd_format_time_text(b, e->last_ns);
    }
    add(b, " UTC");
}

static void put_block(const lgd_catalogue *c, const lgd_catalogue_entry *e) {
    lgd_buf *b = c->out;
    lgd_buf_printf(b, "%s%6u  ", e->id ? "\n" : "", (unsigned)e->id);
    lgd_escape_terminal(b, e->text, TEXT_BYTES);
    add(b, "\n        ");
    lgd_text_plural(b, e->count, "event");
    put_times(b, e);
    add(b, "\n");
    if (e->example.n) {
        add(b, "        first: ");
        lgd_escape_terminal(b, e->example, TEXT_BYTES);
        add(b, "\n");
    }
    for (size_t i = 0; i < e->n_places; i++) {
        const lgd_place *p = &e->places[i];
        if (e->n_patterns > 1 && p->number == 0)
            lgd_buf_printf(b, "        in %llu of them:\n", (unsigned long long)p->pattern_events);
        put_place(c, p);
    }
}

void lgd_text_catalogue_begin(const lgd_catalogue *c) {
    if (!c->details) add(c->out, "    id       count  last seen, UTC       template\n");
}

void lgd_text_catalogue_add(const lgd_catalogue *c, const lgd_catalogue_entry *e) {
    if (c->details)
        put_block(c, e);
    else
        put_row(c->out, e);
}

void lgd_text_catalogue_end(const lgd_catalogue *c) {
    if (c->details && c->examples_left_out)
        lgd_buf_printf(c->out, "\nFor %llu templates no message was kept: there are too many.\n",
                       (unsigned long long)c->examples_left_out);
}
