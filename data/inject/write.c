/*
 * inject/write: the log with its faults, and the truth about them as CSV, one row for each fault:
 *
 *     id,kind,start,end,first_line,n_lines,template_id,template,lines
 *
 * start and end are those of the records that it spans, UTC. lines: numbers in the output, from 1, of the lines that were
 * inserted or changed. What was deleted has none: first_line is then the line that stands in place of the first.
 */
#include "inject.h"

#include "logdetect/report.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct told {
    uint64_t first_line, n_lines;
    lgd_buf lines;
} told;

typedef struct writer {
    const inject_plan *plan;
    FILE *out;
    uint64_t line; /* of what is written next */
    told *faults;
} writer;

static int by_place(const void *a, const void *b) {
    const inject_insertion *x = a, *y = b;
    if (x->behind != y->behind) return x->behind < y->behind ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static uint64_t count_lines(lgd_sv text) {
    uint64_t n = 1;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

static void note(writer *w, uint32_t fault, uint64_t n_lines) {
    if (fault == INJECT_NO_FAULT) return;
    told *t = &w->faults[fault];
    if (t->first_line == 0) t->first_line = w->line;
    for (uint64_t i = 0; i < n_lines; i++)
        lgd_buf_printf(&t->lines, "%s%llu", t->lines.n ? " " : "", (unsigned long long)(w->line + i));
    t->n_lines += n_lines;
}

static void put(writer *w, uint32_t fault, lgd_sv text) {
    uint64_t n = count_lines(text);
    note(w, fault, n);
    fwrite(text.p, 1, text.n, w->out);
    fputc('\n', w->out);
    w->line += n;
}

static void put_log(writer *w) {
    const inject_log *log = w->plan->log;
    size_t at = 0;
    for (size_t i = 0; i < log->n; i++) {
        const inject_record *r = &log->records[i];
        if (r->deleted)
            note(w, r->fault, 0);
        else
            put(w, r->fault, r->changed.n ? r->changed : r->text);
        for (; at < log->n_insertions && log->insertions[at].behind == i; at++)
            put(w, log->insertions[at].fault, log->insertions[at].text);
    }
}

/* ---- truth ---- */

static void add_time(lgd_buf *b, const inject_log *log, uint32_t record) {
    lgd_buf_add_char(b, ',');
    while (record > 0 && log->records[record].time_ns == LGD_NO_TIME) record--;
    if (log->records[record].time_ns != LGD_NO_TIME) lgd_format_time(b, log->records[record].time_ns);
}

static void add_quoted(lgd_buf *b, lgd_sv text) {
    lgd_buf_add(b, ",\"", 2);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"') lgd_buf_add_char(b, '"');
        lgd_buf_add_char(b, text.p[i] == '\n' ? ' ' : text.p[i]);
    }
    lgd_buf_add_char(b, '"');
}

static void add_row(lgd_buf *b, const writer *w, size_t i) {
    const inject_fault *f = &w->plan->faults[i];
    const told *t = &w->faults[i];
    const lgd_store *store = w->plan->normal->model.store;
    lgd_sv text = f->template_id == LGD_NO_TEMPLATE ? LGD_SV("") : lgd_store_template(store, f->template_id)->text;
    lgd_buf_printf(b, "F%zu,%s", i + 1, inject_kinds[f->kind].name);
    add_time(b, w->plan->log, f->first);
    add_time(b, w->plan->log, f->last);
    lgd_buf_printf(b, ",%llu,%llu,", (unsigned long long)t->first_line, (unsigned long long)t->n_lines);
    if (f->template_id != LGD_NO_TEMPLATE) lgd_buf_printf(b, "%u", f->template_id);
    add_quoted(b, text);
    add_quoted(b, lgd_buf_sv(&t->lines));
    b->failed |= t->lines.failed;
    lgd_buf_add_char(b, '\n');
}

/* ---- files ---- */

static lgd_status close_file(FILE *f, const char *path, lgd_err *err) {
    bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed) return lgd_fail(err, LGD_E_IO, "%s: cannot be written", path);
    return LGD_OK;
}

static lgd_status write_log(writer *w, const char *path, lgd_err *err) {
    w->out = fopen(path, "wb");
    if (!w->out) return lgd_fail(err, LGD_E_IO, "%s: cannot be written", path);
    put_log(w);
    return close_file(w->out, path, err);
}

static lgd_status write_truth(const writer *w, const char *path, lgd_err *err) {
    lgd_buf b = {0};
    lgd_buf_add_sv(&b, LGD_SV("id,kind,start,end,first_line,n_lines,template_id,template,lines\n"));
    for (size_t i = 0; i < w->plan->n_faults; i++) add_row(&b, w, i);
    FILE *f = b.failed ? NULL : fopen(path, "wb");
    lgd_status status = b.failed ? lgd_fail_memory(err, b.n) : LGD_OK;
    if (f) fwrite(b.p, 1, b.n, f);
    if (status == LGD_OK && !f) status = lgd_fail(err, LGD_E_IO, "%s: cannot be written", path);
    lgd_buf_release(&b);
    if (f && status == LGD_OK) return close_file(f, path, err);
    if (f) fclose(f);
    return status;
}

lgd_status inject_write(const inject_plan *p, const char *output, const char *truth, lgd_err *err) {
    writer w = {.plan = p, .line = 1, .faults = lgd_calloc(p->n_faults + 1, sizeof(told))};
    if (!w.faults) return lgd_fail_memory(err, p->n_faults * sizeof(told));
    if (p->log->n_insertions) qsort(p->log->insertions, p->log->n_insertions, sizeof *p->log->insertions, by_place);
    lgd_status status = write_log(&w, output, err);
    if (status == LGD_OK) status = write_truth(&w, truth, err);
    for (size_t i = 0; i < p->n_faults; i++) lgd_buf_release(&w.faults[i].lines);
    lgd_free(w.faults);
    return status;
}
