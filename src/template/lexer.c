/*
 * template/lexer: message -> signature. Splits at white space and punctuation, replaces what looks variable by one
 * symbol, marks values that are not there, and folds lists of three and more values into one.
 *
 * One pass over the bytes here, one over the tokens in fold.c. Cost: O(length). The scratch grows to the largest message seen,
 * which is capped (LGD_MAX_MESSAGE, LGD_MAX_TOKENS). Constants and reasons: docs/TEMPLATES.md.
 */
#include "mask.h"
#include "symbols.h"

/* ---- classes ---- */

/* One group of one or two digits right behind a letter, and a letter or `_` (or nothing) behind it: ssh2, jk2_init. */
bool token_is_name(lgd_sv t) {
    if (t.n < 3 || !is_alpha(t.p[0])) return false;
    size_t letters = 0, groups = 0;
    for (size_t i = 0; i < t.n; i++) {
        if (is_alpha(t.p[i])) letters++;
        if (!is_digit(t.p[i]) || (i && is_digit(t.p[i - 1]))) continue;
        size_t end = skip_digits(t, i);
        groups++;
        if (!is_alpha(t.p[i - 1]) || end - i > 2) return false;
        if (end < t.n && !is_alpha(t.p[end]) && t.p[end] != '_') return false;
    }
    return letters >= 2 && groups == 1;
}

bool token_is_boolean(lgd_sv t) {
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    if (t.n < 4 || t.n > 5 || !memchr("tTfF", t.p[0], 4)) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (lgd_sv_eq(t, lgd_sv_of(words[i]))) return true;
    return false;
}

bool token_has_digit(lgd_sv t) {
    for (size_t i = 0; i < t.n; i++)
        if (is_digit(t.p[i])) return true;
    return false;
}

static bool is_dotted_name(lgd_sv t) {
    size_t labels = 1;
    if (!is_alpha(t.p[0])) return false;
    for (size_t i = 0; i + 1 < t.n; i++)
        if (t.p[i] == '.') {
            if (!is_alpha(t.p[i + 1])) return false;
            labels++;
        }
    return labels >= 3 && t.p[t.n - 1] != '.';
}

/* The dot behind a word with digits ends a sentence: it is no part of the word. */
static size_t without_dot(lgd_sv t) { return t.n > 1 && (t.p[t.n - 1] == '.' || t.p[t.n - 1] == '-') ? t.n - 1 : t.n; }

token_class token_classify(lgd_sv t) {
    bool digit = false, letter = false;
    if (token_is(t, SYM_ANY)) return CLASS_ANY;
    if (token_is(t, SYM_EMPTY)) return CLASS_EMPTY;
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] == SYM_VAR) return CLASS_VAR;
        digit |= is_digit(t.p[i]);
        letter |= is_alpha(t.p[i]);
    }
    if (!digit && !letter) return CLASS_PUNCT;
    if (digit) return token_is_name((lgd_sv){t.p, without_dot(t)}) ? CLASS_NAME : CLASS_SOFT;
    return is_dotted_name(t) ? CLASS_DOTTED : CLASS_WORD;
}

/* ---- first pass: tokens ---- */

static void open_token(lgd_lexer *x, size_t at, bool space) {
    x->raw[x->n_raw] = (lgd_token){.sig_begin = (uint32_t)x->raw_text.n, .begin = (uint32_t)at, .space = space};
    lgd_buf_add_char(&x->raw_text, space ? SYM_SPACED : SYM_GLUED);
}

static lgd_sv token_text(const lgd_lexer *x, const lgd_token *t) {
    return (lgd_sv){x->raw_text.p + t->sig_begin + 1, x->raw_text.n - t->sig_begin - 1};
}

/* Turns the open token into one variable: what has digits and is no name is taken for a value. */
static void become_variable(lgd_lexer *x, lgd_token *t, uint8_t type) {
    x->raw_text.n = t->sig_begin + 1;
    lgd_buf_add_char(&x->raw_text, SYM_VAR);
    t->var_begin = t->begin;
    t->var_end = t->end;
    if (t->type == LGD_VALUE_NONE) t->type = type;
}

static bool only_variables_or_digits(lgd_sv text) {
    bool only = true;
    for (size_t i = 0; i < text.n; i++) {
        if (is_digit(text.p[i])) return true;
        only &= text.p[i] == SYM_VAR;
    }
    return only;
}

/* `node-` of node-12: a plain word, a dash and a number keep the word. 0 if it is anything else. */
static size_t plain_prefix(lgd_sv t) {
    size_t i = 0;
    while (i < t.n && is_alpha(t.p[i])) i++;
    return i >= 2 && i + 1 < t.n && t.p[i] == '-' && skip_digits(t, i + 1) == t.n ? i + 1 : 0;
}

static bool is_behind_equals(const lgd_lexer *x, const lgd_token *t) {
    if (x->n_raw == 0 || t->space) return false;
    const lgd_token *before = t - 1;
    return before->sig_n == 2 && x->raw_text.p[before->sig_begin + 1] == '=';
}

/* A word with digits is a value: as a whole, or the number behind a plain word. */
static void mask_soft(lgd_lexer *x, lgd_token *t, lgd_sv text) {
    size_t n = without_dot(text);
    text.n = n;
    if (token_is_name(text) && !is_behind_equals(x, t)) {
        x->has_name = true;
        return;
    }
    size_t prefix = plain_prefix(text);
    bool dot = x->raw_text.n > t->sig_begin + 1 + n;
    char last = x->raw_text.p[x->raw_text.n - 1];
    x->raw_text.n = t->sig_begin + 1 + prefix;
    lgd_buf_add_char(&x->raw_text, SYM_VAR);
    if (dot) lgd_buf_add_char(&x->raw_text, last);
    t->var_begin = t->begin + (uint32_t)prefix;
    t->var_end = t->begin + (uint32_t)n;
    t->type = LGD_VALUE_ID;
}

static void close_token(lgd_lexer *x, size_t at) {
    lgd_token *t = &x->raw[x->n_raw];
    t->end = (uint32_t)at;
    if (x->raw_text.failed) return;
    lgd_sv text = token_text(x, t);
    if (t->type == LGD_VALUE_NONE) {
        if (token_has_digit(text))
            mask_soft(x, t, text);
        else if (token_is_boolean(text))
            t->type = LGD_VALUE_LITERAL;
        else if (!x->has_account)
            x->has_account = token_is_account(text);
    } else if (text.n > 1 && only_variables_or_digits(text)) {
        become_variable(x, t, LGD_VALUE_ID);
    }
    t->sig_n = (uint32_t)(x->raw_text.n - t->sig_begin);
    x->n_raw++;
}

static void add_empty(lgd_lexer *x, size_t at) {
    if (x->n_raw >= LGD_MAX_TOKENS) return;
    open_token(x, at, false);
    lgd_buf_add_char(&x->raw_text, SYM_EMPTY);
    lgd_token *t = &x->raw[x->n_raw++];
    t->end = (uint32_t)at;
    t->sig_n = 2;
}

/* A value that is not there: behind a glued `=` before a blank or a closing sign, and between brackets that touch. */
static bool value_is_missing(lgd_sv m, size_t i, bool space_before) {
    char next = char_at(m, i + 1);
    switch (m.p[i]) {
    case '=': return i > 0 && !space_before && (i + 1 >= m.n || is_space(next) || strchr(",;)]}|", next));
    case '(': return next == ')';
    case '[': return next == ']';
    case '{': return next == '}';
    default: return false;
    }
}

typedef struct lex_state {
    size_t i;
    bool open;   /* a token is being built */
    bool space;  /* white space since the last token */
    bool masked; /* the last thing was a variable */
} lex_state;

static void close_if_open(lgd_lexer *x, lex_state *s) {
    if (s->open) close_token(x, s->i);
    s->open = false;
}

static void open_if_closed(lgd_lexer *x, lex_state *s) {
    if (!s->open) open_token(x, s->i, s->space);
    s->open = true;
    s->space = false;
}

static void take_variable(lgd_lexer *x, lex_state *s, size_t length, uint8_t type) {
    open_if_closed(x, s);
    lgd_token *t = &x->raw[x->n_raw];
    lgd_buf_add_char(&x->raw_text, SYM_VAR);
    if (t->var_end == 0) t->var_begin = (uint32_t)s->i;
    t->var_end = (uint32_t)(s->i + length);
    t->type = t->type == LGD_VALUE_NONE ? type : LGD_VALUE_ID;
    s->i += length;
    s->masked = true;
}

static void take_single(lgd_lexer *x, lex_state *s, lgd_sv m, size_t n) {
    close_if_open(x, s);
    if (x->n_raw >= LGD_MAX_TOKENS) return;
    bool space = s->space, missing = value_is_missing(m, s->i, space || (s->i && is_space(m.p[s->i - 1])));
    open_if_closed(x, s);
    lgd_buf_add(&x->raw_text, m.p + s->i, n);
    s->i += n;
    close_if_open(x, s);
    if (missing) add_empty(x, s->i);
    s->masked = false;
}

static void take_text(lgd_lexer *x, lex_state *s, lgd_sv m) {
    size_t end = is_word(m.p[s->i]) ? skip_word(m, s->i) : s->i + 1;
    open_if_closed(x, s);
    lgd_buf_add(&x->raw_text, m.p + s->i, end - s->i);
    s->i = end;
    s->masked = false;
}

static size_t dots_at(lgd_sv m, size_t i) {
    size_t end = i;
    while (char_at(m, end) == '.') end++;
    return end - i >= 3 ? end - i : 0;
}

static void tokenize(lgd_lexer *x, lgd_sv m) {
    lex_state s = {0};
    known seen = {0};
    while (s.i < m.n && x->n_raw < LGD_MAX_TOKENS) {
        char c = m.p[s.i];
        uint8_t type = LGD_VALUE_NONE;
        size_t n = 0;
        if (is_space(c)) {
            close_if_open(x, &s);
            s.space = true;
            s.masked = false;
            s.i++;
        } else if ((n = mask_match((spot){m, s.i, s.masked ? SYM_VAR : (s.i ? m.p[s.i - 1] : ' '), &seen}, &type))) {
            take_variable(x, &s, n, type);
        } else if (is_delim(c) || (c == '.' && (n = dots_at(m, s.i)))) {
            take_single(x, &s, m, n ? n : 1);
        } else {
            take_text(x, &s, m);
        }
    }
    close_if_open(x, &s);
}

/* ---- all of it ---- */

static lgd_status prepare(lgd_lexer *x, lgd_err *err) {
    x->n_raw = x->n_tokens = 0;
    x->has_name = x->has_account = false;
    lgd_buf_clear(&x->raw_text);
    lgd_buf_clear(&x->signature);
    if (x->raw) return LGD_OK;
    size_t n_bytes = (LGD_MAX_TOKENS + 2) * sizeof *x->raw;
    x->raw = lgd_alloc(2 * n_bytes);
    if (!x->raw) return lgd_fail_memory(err, 2 * n_bytes);
    x->tokens = x->raw + LGD_MAX_TOKENS + 2;
    return LGD_OK;
}

lgd_status lgd_lex(lgd_lexer *x, lgd_sv message, lgd_signature *ret, lgd_err *err) {
    LGD_TRY(prepare(x, err));
    if (message.n > LGD_MAX_MESSAGE) message.n = LGD_MAX_MESSAGE;
    tokenize(x, message);
    if (x->n_raw && !x->raw_text.failed) {
        x->raw[0].space = false;
        x->raw_text.p[0] = SYM_GLUED;
        fold_values(x, message);
    }
    if (x->raw_text.failed || x->signature.failed) return lgd_fail_memory(err, message.n);
    *ret = (lgd_signature){lgd_buf_sv(&x->signature), lgd_buf_sv(&x->raw_text), x->tokens, x->n_tokens};
    return LGD_OK;
}

void lgd_lexer_release(lgd_lexer *x) {
    lgd_free(x->raw);
    lgd_buf_release(&x->raw_text);
    lgd_buf_release(&x->signature);
    *x = (lgd_lexer){0};
}
