/*
 * eval/labels: a file of labels -> the table. The file is read as a log is, so that compression, UTF-16 and line ends
 * do not matter, and taken as hostile: every row is checked, and what is wrong is told with its line. Rows are cut by the
 * rules of RFC 4180; a quoted cell may go over several lines.
 *
 *     lines -> rows -> cells -> header: columns;  others: who, and the label
 *
 * `-` for normal is the custom of logs whose labels are names of alerts: there, and only there, any other word is an
 * alert. So unknown words are remembered, and are an error at the end if no `-` was seen.
 */
#include "labels.h"
#include "logdetect/input.h"

#include <stdio.h>

enum { MAX_CELLS = 64, MAX_ROW_BYTES = 1 << 20, MAX_LINES = 1 << 30, SHOWN = 60 };

typedef struct table {
    lgd_labels *labels;
    lgd_label_kind kind;
    lgd_buf row; /* as far as it was read */
    uint64_t line, n_rows;
    bool is_quoted, is_cell_start; /* where the row goes on */
    char separator;                /* 0: the header is still to come */
    lgd_sv cells[MAX_CELLS];
    size_t n_cells;
    size_t at[LABEL_COLUMNS]; /* MAX_CELLS: there is none */
    bool dashes;              /* `-` was seen */
    uint64_t unknown_line;    /* of the first label that is an alert, if any is; 0: there is none */
    char unknown[SHOWN + 1];
} table;

static int shown(lgd_sv s) { return (int)(s.n < SHOWN ? s.n : SHOWN); }

/* ---- cells ---- */

/* Takes the quotes off in place: what is written never overtakes what is read. */
static size_t take_cell(table *t, size_t at) {
    char *p = t->row.p, *to = p + at;
    const char *start = to;
    while (at < t->row.n && p[at] == ' ') at++;
    bool quoted = at < t->row.n && p[at] == '"';
    if (quoted) at++;
    for (; at < t->row.n; at++) {
        if (quoted && p[at] == '"') {
            quoted = at + 1 < t->row.n && p[at + 1] == '"';
            if (!quoted) continue;
            at++;
        } else if (!quoted && p[at] == t->separator)
            break;
        *to++ = p[at];
    }
    if (t->n_cells < MAX_CELLS) t->cells[t->n_cells++] = lgd_sv_trim((lgd_sv){start, (size_t)(to - start)});
    return at;
}

static void cut_cells(table *t) {
    t->n_cells = 0;
    for (size_t at = 0; at <= t->row.n; at++) at = take_cell(t, at);
}

/* ---- the header ---- */

static void find_separator(table *t) {
    size_t most = 0;
    t->separator = ',';
    for (const char *s = ",;\t"; *s; s++) {
        size_t n = 0;
        for (size_t i = 0; i < t->row.n; i++) n += t->row.p[i] == *s;
        if (n > most) t->separator = *s;
        if (n > most) most = n;
    }
}

static lgd_status no_column(const table *t, label_column c, lgd_err *err) {
    for (size_t i = 0; i < t->n_cells; i++)
        if (t->n_cells > 1 && label_truth_of(t->cells[i]) != LGD_TRUTH_UNKNOWN &&
            label_column_of(t->cells[i]) == LABEL_COLUMNS)
            return lgd_fail(err, LGD_E_DATA, "%llu: is no header: '%.*s' is a label; name the columns first",
                            (unsigned long long)t->line, shown(t->cells[i]), t->cells[i].p);
    return lgd_fail(err, LGD_E_DATA, "%llu: no column is called %s", (unsigned long long)t->line,
                    label_column_names(c));
}

static lgd_status read_header(table *t, lgd_err *err) {
    find_separator(t);
    cut_cells(t);
    for (size_t c = 0; c < LABEL_COLUMNS; c++) t->at[c] = MAX_CELLS;
    for (size_t i = 0; i < t->n_cells; i++) {
        label_column c = label_column_of(t->cells[i]);
        if (c != LABEL_COLUMNS && t->at[c] == MAX_CELLS) t->at[c] = i;
    }
    if (t->at[LABEL_LABEL] == MAX_CELLS) return no_column(t, LABEL_LABEL, err);
    bool sessions = t->kind == LGD_LABELS_OF_SESSIONS || (t->kind == LGD_LABELS_AUTO && t->at[LABEL_LINE] == MAX_CELLS);
    t->kind = sessions ? LGD_LABELS_OF_SESSIONS : LGD_LABELS_OF_LINES;
    label_column who = sessions ? LABEL_SESSION : LABEL_LINE;
    if (t->at[who] == MAX_CELLS) return no_column(t, who, err);
    t->labels->kind = t->kind;
    t->labels->have_files = !sessions && t->at[LABEL_FILE] != MAX_CELLS;
    return LGD_OK;
}

/* ---- rows ---- */

static lgd_sv cell(const table *t, label_column c) {
    return t->at[c] < t->n_cells ? t->cells[t->at[c]] : (lgd_sv){"", 0};
}

static lgd_status read_label(table *t, lgd_truth *ret, lgd_err *err) {
    lgd_sv word = cell(t, LABEL_LABEL);
    if (word.n == 0) return lgd_fail(err, LGD_E_DATA, "%llu: the label is missing", (unsigned long long)t->line);
    *ret = label_truth_of(word);
    t->dashes |= lgd_sv_eq(word, LGD_SV("-"));
    if (*ret != LGD_TRUTH_UNKNOWN) return LGD_OK;
    *ret = LGD_TRUTH_ANOMALOUS;
    if (t->unknown_line) return LGD_OK;
    t->unknown_line = t->line;
    (void)snprintf(t->unknown, sizeof t->unknown, "%.*s", shown(word), word.p);
    return LGD_OK;
}

static lgd_status add_line(table *t, lgd_truth truth, lgd_err *err) {
    uint64_t line = 0;
    uint32_t file = 0;
    lgd_sv number = cell(t, LABEL_LINE);
    if (!lgd_parse_u64(number, &line) || line == 0 || line > MAX_LINES)
        return lgd_fail(err, LGD_E_DATA, "%llu: '%.*s' is no number of a line; they count from 1",
                        (unsigned long long)t->line, shown(number), number.p);
    LGD_TRY(label_find_file(t->labels, t->labels->have_files ? cell(t, LABEL_FILE) : LGD_SV(""), &file, err));
    return lgd_labels_add_line(t->labels, file, line, truth, err);
}

static lgd_status add_session(table *t, lgd_truth truth, lgd_err *err) {
    lgd_sv name = cell(t, LABEL_SESSION);
    lgd_err inner = {0};
    if (name.n == 0) return lgd_fail(err, LGD_E_DATA, "%llu: the session has no name", (unsigned long long)t->line);
    lgd_status status = label_add_session(t->labels, name, t->line, truth, &inner);
    return status == LGD_OK ? LGD_OK : lgd_fail(err, status, "%llu: %s", (unsigned long long)t->line, inner.text);
}

static lgd_status read_row(table *t, lgd_err *err) {
    lgd_truth truth = LGD_TRUTH_UNKNOWN;
    if (lgd_sv_trim(lgd_buf_sv(&t->row)).n == 0) return LGD_OK;
    if (t->n_rows++ == 0) return read_header(t, err);
    cut_cells(t);
    LGD_TRY(read_label(t, &truth, err));
    return t->kind == LGD_LABELS_OF_SESSIONS ? add_session(t, truth, err) : add_line(t, truth, err);
}

static bool is_separator(const table *t, char c) {
    return t->separator ? c == t->separator : c == ',' || c == ';' || c == '\t';
}

/* As take_cell has it: a quote is one at the start of a cell, and elsewhere a byte like others. */
static void follow_quotes(table *t, lgd_sv text) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (t->is_quoted) {
            bool is_doubled = c == '"' && i + 1 < text.n && text.p[i + 1] == '"';
            if (is_doubled) i++;
            t->is_quoted = c != '"' || is_doubled;
        } else if (c == '"' && t->is_cell_start) {
            t->is_quoted = true;
            t->is_cell_start = false;
        } else if (is_separator(t, c) || c != ' ') {
            t->is_cell_start = is_separator(t, c);
        }
    }
}

/* A row ends with its line, unless a quote is open. */
static lgd_status read_line(table *t, const lgd_record *r, lgd_err *err) {
    if (r->text.n && memchr(r->text.p, 0, r->text.n))
        return lgd_fail(err, LGD_E_DATA, "%llu: holds a NUL byte: it is no text, or UTF-16 without its mark",
                        (unsigned long long)r->line);
    if (t->row.n) lgd_buf_add_char(&t->row, '\n');
    if (!t->is_quoted) {
        t->line = r->line;
        t->is_cell_start = true;
    }
    lgd_buf_add_sv(&t->row, r->text);
    if (t->row.failed) return lgd_fail_memory(err, r->text.n);
    follow_quotes(t, r->text);
    if (t->is_quoted && t->row.n > MAX_ROW_BYTES)
        return lgd_fail(err, LGD_E_DATA, "%llu: a quote is opened and not closed", (unsigned long long)t->line);
    if (t->is_quoted) return LGD_OK;
    LGD_TRY(read_row(t, err));
    lgd_buf_clear(&t->row);
    return LGD_OK;
}

static lgd_status finish(const table *t, lgd_err *err) {
    if (t->is_quoted)
        return lgd_fail(err, LGD_E_DATA, "%llu: a quote is opened and not closed", (unsigned long long)t->line);
    if (t->n_rows == 0) return lgd_fail(err, LGD_E_DATA, "is empty; it takes a header and a label in each line");
    if (lgd_labels_n(t->labels) == 0 && t->labels->n_lines == 0)
        return lgd_fail(err, LGD_E_DATA, "has a header and no labels");
    if (t->unknown_line && !t->dashes)
        return lgd_fail(err, LGD_E_DATA, "%llu: the label '%s' is neither normal nor anomalous",
                        (unsigned long long)t->unknown_line, t->unknown);
    lgd_err inner = {0};
    lgd_status status = label_finish(t->labels, &inner);
    return status == LGD_OK ? LGD_OK : lgd_fail(err, status, "%s", inner.text);
}

/* ---- the file ---- */

static lgd_status read_rows(table *t, lgd_input_list *list, lgd_reader *reader, lgd_err *err) {
    for (;;) {
        lgd_block block;
        LGD_TRY(lgd_reader_next(reader, &block, err));
        for (size_t i = 0; i < block.n_records; i++) LGD_TRY(read_line(t, &block.records[i], err));
        if (block.n_records == 0) break;
    }
    if (list->files[0].problem) return lgd_fail(err, LGD_E_IO, "%s", list->files[0].problem);
    return finish(t, err);
}

lgd_status lgd_labels_read(lgd_labels *l, const char *path, lgd_label_kind kind, lgd_err *err) {
    table t = {.labels = l, .kind = kind};
    lgd_err inner = {0};
    lgd_input_list list = {0};
    lgd_input_options options = {.max_line_bytes = MAX_ROW_BYTES, .text = true};
    lgd_reader *reader = NULL;
    lgd_status status = lgd_input_add(&list, path, false, &inner);
    if (status == LGD_OK && list.n_files != 1)
        status = lgd_fail(&inner, LGD_E_USAGE, "stands for %zu files; labels are one", list.n_files);
    if (status == LGD_OK) status = lgd_reader_open(&list, &options, &reader, &inner);
    if (status == LGD_OK) status = read_rows(&t, &list, reader, &inner);
    lgd_reader_close(reader);
    lgd_input_list_release(&list);
    lgd_buf_release(&t.row);
    if (status == LGD_OK) return LGD_OK;
    bool has_line = inner.text[0] >= '0' && inner.text[0] <= '9';
    return lgd_fail(err, status, "%s:%s%s; nothing was evaluated", path, has_line ? "" : " ", inner.text);
}
