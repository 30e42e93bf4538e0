/*
 * pipeline/discover: which identifiers tie lines together? Tokens are sorted into types, a literal prefix and a class
 * (blk_ + number, req- + UUID, req= and eight hex digits). A type is a session key when its values recur across templates, in
 * short spans, one to a line, and none of them dominates:
 *
 *     D values >= 20,   eff = (sum lines)^2 / sum lines^2 >= 12,   multi = its lines with several values <= 1/4
 *     linked = lines of values seen 3 times and in 2 templates / all lines >= 1/4,   big = largest value / all lines <= 1/4
 *     span = mean of (last - first line) over its lines / all lines <= 0.4
 *
 * and of these the one with the largest linked * (1 - span). Bounded: MAX_LINES lines, MAX_VALUES values, MAX_TYPES types.
 */
#include "discover.h"

enum {
    MAX_LINES = 200000,
    MAX_VALUES = 200000,
    MAX_TYPES = 256,
    MAX_PREFIX = 16,
    MIN_TOKEN = 4,
    MAX_TOKEN = 64,
    MAX_IN_LINE = 32
};

typedef enum id_class { ID_UUID, ID_IP, ID_NUMBER, ID_HEX, ID_MIXED } id_class;

typedef struct id_type {
    id_class class;
    uint32_t length; /* of bare hex */
    lgd_sv prefix;   /* view into text */
    char text[MAX_PREFIX];
    uint64_t lines, multi; /* lines that have it, lines with several values of it */
    uint64_t last_line;    /* and the first value there */
    uint32_t line_value;
    bool line_multi;
} id_type;

typedef struct id_value {
    uint64_t hash;
    uint32_t type, template_hash;
    uint32_t lines;
    bool several_templates;
    uint32_t first, last;
} id_value;

struct discovery {
    id_type types[MAX_TYPES];
    size_t n_types;
    id_value *values;
    size_t n_values, capacity;
    lgd_index index;
    uint32_t n_lines;
};

lgd_status discovery_new(discovery **ret, lgd_err *err) {
    discovery *d = lgd_calloc(1, sizeof *d);
    if (!d) return lgd_fail_memory(err, sizeof *d);
    *ret = d;
    return LGD_OK;
}

void discovery_free(discovery *d) {
    if (!d) return;
    lgd_free(d->values);
    lgd_index_release(&d->index);
    lgd_free(d);
}

/* ---- classes of tokens ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static bool is_token(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '.' || c == '-'; }

static bool is_uuid(lgd_sv s) {
    if (s.n != 36) return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.p[i] != '-' : !is_hex(s.p[i])) return false;
    }
    return true;
}

static bool is_ip(lgd_sv s) {
    size_t dots = 0, digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (is_digit(s.p[i])) {
            if (++digits > 3) return false;
        } else if (s.p[i] != '.' || digits == 0) {
            return false;
        } else {
            dots++;
            digits = 0;
        }
    }
    return dots == 3 && digits > 0;
}

typedef struct counts_of {
    size_t digits, letters, hex;
} counts_of;

static counts_of count(lgd_sv s) {
    counts_of c = {0};
    for (size_t i = 0; i < s.n; i++) {
        c.digits += is_digit(s.p[i]);
        c.letters += is_letter(s.p[i]);
        c.hex += is_hex(s.p[i]);
    }
    return c;
}

/* `name=` right before the token at i, as in req=4f1c9a2e; empty if there is none. */
static lgd_sv context_of(lgd_sv text, size_t i) {
    size_t start = i;
    if (i == 0 || text.p[i - 1] != '=') return (lgd_sv){"", 0};
    for (start = i - 1; start > 0 && i - start < MAX_PREFIX && is_letter(text.p[start - 1]);) start--;
    return start < i - 1 ? (lgd_sv){text.p + start, i - start} : (lgd_sv){"", 0};
}

/* Letters up to the first `_` or `-`, which belongs to the prefix. */
static lgd_sv prefix_of(lgd_sv s) {
    size_t n = 0;
    while (n < s.n && is_letter(s.p[n])) n++;
    bool ends = n > 0 && n < s.n && n < MAX_PREFIX && (s.p[n] == '_' || s.p[n] == '-');
    return (lgd_sv){s.p, ends ? n + 1 : 0};
}

static bool classify_rest(lgd_sv rest, bool has_prefix, id_class *ret) {
    counts_of c = count(rest);
    if (is_uuid(rest)) return *ret = ID_UUID, true;
    if (!has_prefix && is_ip(rest)) return *ret = ID_IP, true;
    lgd_sv number = has_prefix && rest.n > 1 && rest.p[0] == '-' ? (lgd_sv){rest.p + 1, rest.n - 1} : rest;
    if (c.digits == number.n && c.digits >= (has_prefix ? 1u : 5u)) return *ret = ID_NUMBER, true;
    if (c.hex == rest.n && c.digits && c.letters && rest.n >= 8) return *ret = ID_HEX, true;
    return *ret = ID_MIXED, has_prefix && c.digits >= 2 && c.digits + c.letters == rest.n;
}

/* ---- types and values ---- */

static id_type *find_type(discovery *d, id_class class, uint32_t length, lgd_sv prefix) {
    for (size_t i = 0; i < d->n_types; i++) {
        id_type *t = &d->types[i];
        if (t->class == class && t->length == length && lgd_sv_eq(t->prefix, prefix)) return t;
    }
    if (d->n_types == MAX_TYPES) return NULL;
    id_type *t = &d->types[d->n_types++];
    *t = (id_type){.class = class, .length = length, .last_line = UINT64_MAX};
    memcpy(t->text, prefix.p, prefix.n);
    t->prefix = (lgd_sv){t->text, prefix.n};
    return t;
}

static bool value_equal(const void *ctx, uint32_t item, const void *key) {
    const id_value *v = &((const discovery *)ctx)->values[item], *k = key;
    return v->hash == k->hash && v->type == k->type;
}

static lgd_status add_value(discovery *d, uint32_t type, uint64_t hash, uint32_t template_hash, lgd_err *err) {
    id_value key = {.hash = hash, .type = type, .template_hash = template_hash, .first = d->n_lines};
    uint64_t place = lgd_hash_u64(hash, type);
    uint32_t item = lgd_index_find(&d->index, place, value_equal, d, &key);
    if (item == LGD_INDEX_NONE) {
        if (d->n_values == MAX_VALUES) return LGD_OK;
        LGD_TRY(lgd_grow((void **)&d->values, &d->capacity, d->n_values + 1, sizeof *d->values, MAX_VALUES, err));
        item = (uint32_t)d->n_values;
        LGD_TRY(lgd_index_add(&d->index, place, item, err));
        d->values[d->n_values++] = key;
    }
    id_value *v = &d->values[item];
    v->lines++;
    v->last = d->n_lines;
    v->several_templates |= v->template_hash != template_hash;
    return LGD_OK;
}

/* Only the first value of a type in a line counts; another one there speaks against the type. */
static lgd_status add_token(discovery *d, lgd_sv token, lgd_sv context, uint32_t template_hash, lgd_err *err) {
    lgd_sv prefix = prefix_of(token);
    id_class class;
    if (is_uuid(token)) prefix.n = 0;
    lgd_sv rest = {token.p + prefix.n, token.n - prefix.n};
    if (!classify_rest(rest, prefix.n > 0, &class)) return LGD_OK;
    bool bare = prefix.n == 0 && (class == ID_HEX || class == ID_NUMBER);
    id_type *t = find_type(d, class, class == ID_HEX && bare ? (uint32_t)rest.n : 0, bare ? context : prefix);
    if (!t) return LGD_OK;
    uint64_t hash = lgd_hash_sv(token, 0x73657373u);
    if (t->last_line == d->n_lines) {
        if (t->line_value != (uint32_t)hash && !t->line_multi) t->multi++, t->line_multi = true;
        return LGD_OK;
    }
    t->last_line = d->n_lines;
    t->line_value = (uint32_t)hash;
    t->line_multi = false;
    t->lines++;
    return add_value(d, (uint32_t)(t - d->types), hash, template_hash, err);
}

lgd_status discovery_add(discovery *d, lgd_sv text, uint32_t template_hash, lgd_err *err) {
    if (d->n_lines == MAX_LINES) return LGD_OK;
    size_t seen = 0;
    for (size_t i = 0; i < text.n && seen < MAX_IN_LINE;) {
        size_t end = i;
        bool digit = false;
        for (; end < text.n && is_token(text.p[end]); end++) digit |= is_digit(text.p[end]);
        size_t next = end > i ? end : i + 1;
        while (end > i && (text.p[end - 1] == '.' || text.p[end - 1] == '-')) end--;
        if (digit && end - i >= MIN_TOKEN && end - i <= MAX_TOKEN) {
            LGD_TRY(add_token(d, (lgd_sv){text.p + i, end - i}, context_of(text, i), template_hash, err));
            seen++;
        }
        i = next;
    }
    d->n_lines++;
    return LGD_OK;
}

/* ---- the judgement ---- */

typedef struct merit {
    double values, lines, squares, linked, span, big;
} merit;

static double quality(const discovery *d, const id_type *t, const merit *m) {
    double all = d->n_lines, lines = m->lines;
    if (m->values < 20 || lines * lines < 12 * m->squares) return 0;
    double linked = m->linked / all, span = m->span / lines / all, big = m->big / all;
    if (linked < 0.25 || span > 0.4 || big > 0.25 || (double)t->multi > 0.25 * (double)t->lines) return 0;
    return linked * (1 - span);
}

static const id_type *best_type(const discovery *d, merit *merits) {
    const id_type *best = NULL;
    double most = 0;
    for (size_t i = 0; i < d->n_values; i++) {
        const id_value *v = &d->values[i];
        merit *m = &merits[v->type];
        double lines = v->lines;
        m->values++;
        m->lines += lines;
        m->squares += lines * lines;
        m->span += lines * (v->last - v->first);
        if (v->lines >= 3 && v->several_templates) m->linked += lines;
        if (lines > m->big) m->big = lines;
    }
    for (size_t i = 0; i < d->n_types; i++) {
        double x = quality(d, &d->types[i], &merits[i]);
        if (x <= most) continue;
        most = x;
        best = &d->types[i];
    }
    return best;
}

static void put_pattern(const id_type *t, lgd_buf *out) {
    static const char *const body[] = {"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
                                       "(?:\\d{1,3}\\.){3}\\d{1,3}", "-?\\d+", "[0-9a-fA-F]{8,}", "[0-9A-Za-z]+"};
    bool named = t->prefix.n && t->prefix.p[t->prefix.n - 1] == '='; /* then the value alone is the key */
    lgd_buf_printf(out, "(?<![0-9A-Za-z_.-])%.*s%s", (int)t->prefix.n, t->prefix.p, named ? "(" : "");
    if (t->length)
        lgd_buf_printf(out, "[0-9a-fA-F]{%u}", (unsigned)t->length);
    else if (t->class == ID_NUMBER && (named || t->prefix.n == 0))
        lgd_buf_printf(out, "\\d{5,}");
    else
        lgd_buf_printf(out, "%s", body[t->class]);
    lgd_buf_printf(out, "%s(?![0-9A-Za-z_])", named ? ")" : "");
}

lgd_status discovery_pattern(const discovery *d, lgd_buf *out, lgd_err *err) {
    merit *merits = lgd_calloc(MAX_TYPES, sizeof *merits);
    if (!merits) return lgd_fail_memory(err, MAX_TYPES * sizeof *merits);
    const id_type *t = best_type(d, merits);
    if (t) put_pattern(t, out);
    lgd_buf_add_char(out, '\0');
    lgd_free(merits);
    return out->failed ? lgd_fail_memory(err, 256) : LGD_OK;
}
