/*
 * eval/label_table: labels -> who is anomalous. Sessions stand in a table with an index by name. Lines stand, for each
 * file, as spans of neighbouring lines with the same label, so that a log of millions of lines with few alerts takes
 * little; they are found by bisection.
 *
 * After label_finish the spans of a file are in order and do not overlap.
 */
#include "labels.h"

#include <stdlib.h>

lgd_status lgd_labels_new(uint64_t hash_key, lgd_labels **ret, lgd_err *err) {
    lgd_labels *l = lgd_calloc(1, sizeof *l);
    if (!l) return lgd_fail_memory(err, sizeof *l);
    l->hash_key = hash_key;
    l->kind = LGD_LABELS_OF_LINES;
    *ret = l;
    return LGD_OK;
}

void lgd_labels_free(lgd_labels *l) {
    if (!l) return;
    for (size_t i = 0; i < l->n_files; i++) lgd_free(l->files[i].spans);
    lgd_free(l->files);
    lgd_free(l->sessions);
    lgd_index_release(&l->index);
    lgd_arena_release(&l->arena);
    lgd_free(l);
}

lgd_label_kind lgd_labels_kind(const lgd_labels *l) { return l->kind; }
bool lgd_labels_have_files(const lgd_labels *l) { return l->have_files; }
uint64_t lgd_labels_n(const lgd_labels *l) { return l->kind == LGD_LABELS_OF_SESSIONS ? l->n_sessions : l->n_lines; }
uint64_t lgd_labels_n_anomalous(const lgd_labels *l) { return l->n_anomalous; }
uint64_t lgd_labels_n_repeated(const lgd_labels *l) { return l->n_repeated; }
uint32_t lgd_labels_n_files(const lgd_labels *l) { return (uint32_t)l->n_files; }

static const char *word_of(lgd_truth t) { return t == LGD_TRUTH_NORMAL ? "normal" : "anomalous"; }

/* ---- sessions ---- */

static bool same_session(const void *ctx, uint32_t item, const void *key) {
    return lgd_sv_eq(((const lgd_labels *)ctx)->sessions[item].name, *(const lgd_sv *)key);
}

uint32_t lgd_labels_session(const lgd_labels *l, lgd_sv name) {
    return lgd_index_find(&l->index, lgd_hash_sv(name, l->hash_key), same_session, l, &name);
}

lgd_truth lgd_labels_truth(const lgd_labels *l, uint32_t session) { return l->sessions[session].truth; }
lgd_sv lgd_labels_name(const lgd_labels *l, uint32_t session) { return l->sessions[session].name; }

static lgd_status add_session(lgd_labels *l, lgd_sv name, uint64_t row, lgd_truth truth, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&l->sessions, &l->sessions_capacity, l->n_sessions + 1, sizeof *l->sessions,
                     LGD_INDEX_NONE - 1, err));
    label_session *s = &l->sessions[l->n_sessions];
    *s = (label_session){.row = row, .truth = truth};
    if (!lgd_arena_copy(&l->arena, name, &s->name)) return lgd_fail_memory(err, name.n);
    LGD_TRY(lgd_index_add(&l->index, lgd_hash_sv(name, l->hash_key), (uint32_t)l->n_sessions, err));
    l->n_sessions++;
    l->n_anomalous += truth == LGD_TRUTH_ANOMALOUS;
    return LGD_OK;
}

lgd_status label_add_session(lgd_labels *l, lgd_sv name, uint64_t row, lgd_truth truth, lgd_err *err) {
    uint32_t found = lgd_labels_session(l, name);
    if (found == LGD_INDEX_NONE) return add_session(l, name, row, truth, err);
    if (l->sessions[found].truth != truth)
        return lgd_fail(err, LGD_E_DATA, "session '%.*s' is %s here and %s in line %llu",
                        (int)(name.n < 100 ? name.n : 100), name.p, word_of(truth), word_of(l->sessions[found].truth),
                        (unsigned long long)l->sessions[found].row);
    l->n_repeated++;
    return LGD_OK;
}

lgd_status lgd_labels_join(lgd_labels *l, lgd_sv session, lgd_truth truth, lgd_err *err) {
    l->kind = LGD_LABELS_OF_SESSIONS;
    if (truth == LGD_TRUTH_UNKNOWN) return LGD_OK;
    uint32_t found = lgd_labels_session(l, session);
    if (found == LGD_INDEX_NONE) return add_session(l, session, 0, truth, err);
    l->n_anomalous += truth > l->sessions[found].truth;
    if (truth > l->sessions[found].truth) l->sessions[found].truth = truth;
    return LGD_OK;
}

/* ---- lines ---- */

lgd_status lgd_labels_add_file(lgd_labels *l, lgd_sv path, uint32_t *ret, lgd_err *err) {
    LGD_TRY(
        lgd_grow((void **)&l->files, &l->files_capacity, l->n_files + 1, sizeof *l->files, LGD_INDEX_NONE - 1, err));
    label_file *f = &l->files[l->n_files];
    *f = (label_file){0};
    if (!lgd_arena_copy(&l->arena, path, &f->name)) return lgd_fail_memory(err, path.n);
    *ret = (uint32_t)l->n_files++;
    return LGD_OK;
}

/* Rows of one file mostly come one after the other. */
lgd_status label_find_file(lgd_labels *l, lgd_sv name, uint32_t *ret, lgd_err *err) {
    for (size_t i = l->n_files; i-- > 0;)
        if (lgd_sv_eq(l->files[i].name, name)) {
            *ret = (uint32_t)i;
            return LGD_OK;
        }
    return lgd_labels_add_file(l, name, ret, err);
}

lgd_status lgd_labels_add_line(lgd_labels *l, uint32_t file, uint64_t line, lgd_truth truth, lgd_err *err) {
    label_file *f = &l->files[file];
    label_span *last = f->n ? &f->spans[f->n - 1] : NULL;
    if (last && line < last->end) f->unsorted = true;
    if (!last || last->truth != truth || last->end != line) {
        LGD_TRY(lgd_grow((void **)&f->spans, &f->capacity, f->n + 1, sizeof *f->spans, UINT32_MAX, err));
        last = &f->spans[f->n++];
        *last = (label_span){line, line, truth};
    }
    last->end++;
    l->n_lines++;
    l->n_anomalous += truth == LGD_TRUTH_ANOMALOUS;
    return LGD_OK;
}

static int by_line(const void *a, const void *b) {
    const label_span *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

/* Spans that overlap say the same lines twice. */
static lgd_status merge_spans(lgd_labels *l, label_file *f, lgd_err *err) {
    size_t n = 1;
    qsort(f->spans, f->n, sizeof *f->spans, by_line);
    for (size_t i = 1; i < f->n; i++) {
        label_span *last = &f->spans[n - 1], *s = &f->spans[i];
        if (s->first >= last->end) {
            f->spans[n++] = *s;
            continue;
        }
        if (s->truth != last->truth)
            return lgd_fail(err, LGD_E_DATA, "line %llu%s%.*s is labelled both normal and anomalous",
                            (unsigned long long)s->first, f->name.n ? " of " : "",
                            (int)(f->name.n < 200 ? f->name.n : 200), f->name.p);
        uint64_t twice = (s->end < last->end ? s->end : last->end) - s->first;
        l->n_repeated += twice;
        l->n_lines -= twice;
        if (s->truth == LGD_TRUTH_ANOMALOUS) l->n_anomalous -= twice;
        if (s->end > last->end) last->end = s->end;
    }
    f->n = n;
    return LGD_OK;
}

lgd_status label_finish(lgd_labels *l, lgd_err *err) {
    for (size_t i = 0; i < l->n_files; i++)
        if (l->files[i].unsorted) LGD_TRY(merge_spans(l, &l->files[i], err));
    return LGD_OK;
}

static lgd_sv name_of(lgd_sv path) {
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/') at--;
    return (lgd_sv){path.p + at, path.n - at};
}

uint32_t lgd_labels_file(const lgd_labels *l, lgd_sv path) {
    uint32_t found = LGD_INDEX_NONE;
    for (size_t i = 0; i < l->n_files; i++) {
        lgd_sv name = l->files[i].name;
        if (name.n == 0 || lgd_sv_eq(name, path)) return (uint32_t)i;
        if (found == LGD_INDEX_NONE && lgd_sv_eq(name_of(name), name_of(path))) found = (uint32_t)i;
    }
    return found;
}

/* The first span that ends behind the line. */
static size_t span_at(const label_file *f, uint64_t line) {
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->spans[middle].end > line)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

lgd_truth lgd_labels_lines(const lgd_labels *l, uint32_t file, uint64_t first, uint64_t n_lines) {
    lgd_truth truth = LGD_TRUTH_UNKNOWN;
    if (file >= l->n_files) return truth;
    const label_file *f = &l->files[file];
    for (size_t i = span_at(f, first); i < f->n && f->spans[i].first < first + n_lines; i++)
        if (f->spans[i].truth > truth) truth = f->spans[i].truth;
    return truth;
}

uint64_t lgd_labels_n_behind(const lgd_labels *l, uint32_t file, uint64_t last) {
    uint64_t n = 0;
    const label_file *f = &l->files[file];
    for (size_t i = span_at(f, last + 1); i < f->n; i++) {
        uint64_t from = f->spans[i].first > last ? f->spans[i].first : last + 1;
        n += f->spans[i].end - from;
    }
    return n;
}
