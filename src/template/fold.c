/*
 * template/fold: the second pass of the lexer, tokens -> signature. Several tokens become one variable where they are one
 * value or a list of them:
 *
 *     2703 bytes, 1033 bytes (1.00 KB)      a size with its unit spelled out
 *     sda1 sda2 sda3                        three or more names that differ in their number: first all of them values
 *     for user alice, user=alice            the name of an account, a value if it were always the same
 *     3, 5, 7 or 3 5 7                      three or more values
 *     ['a1', u'b2']                         any number of values in quotes, between square brackets
 *
 * What stood there before is kept in raw_text, for the text of templates in which it always has the same shape.
 * Cost: O(tokens), and O(bytes) once more where names are numbered.
 */
#include "mask.h"
#include "symbols.h"

enum { MIN_LIST = 3 };

static lgd_sv text_of(const lgd_lexer *x, const lgd_token *t) {
    return (lgd_sv){x->raw_text.p + t->sig_begin + 1, t->sig_n - 1};
}

static bool is_sign(const lgd_lexer *x, size_t i, char sign) {
    return i < x->n_raw && token_is(text_of(x, &x->raw[i]), sign);
}

/* ---- numbered names ---- */

static lgd_sv word_at(lgd_sv m, const lgd_token *t) { return (lgd_sv){m.p + t->begin, t->end - t->begin}; }

/* Length of `sda` in sda1; 0 if the token is no such name. It may have become a value, as sda100 has. */
static size_t name_stem(const lgd_token *t, lgd_sv m) {
    lgd_sv word = word_at(m, t);
    size_t n = word.n;
    if (t->type != LGD_VALUE_NONE && t->type != LGD_VALUE_ID) return 0;
    while (n && is_digit(word.p[n - 1])) n--;
    return n < word.n ? n : 0;
}

/* The end of a run of names with one stem, which begins at i; i if none does. */
static size_t names_end(const lgd_lexer *x, lgd_sv m, size_t i) {
    size_t stem = name_stem(&x->raw[i], m), end = i + (stem > 0);
    while (stem && end < x->n_raw) {
        size_t next = end + is_sign(x, end, ',');
        if (next >= x->n_raw || name_stem(&x->raw[next], m) != stem) break;
        if (memcmp(word_at(m, &x->raw[i]).p, word_at(m, &x->raw[next]).p, stem) != 0) break;
        end = next + 1;
    }
    return end;
}

enum { MARKED = LGD_VALUE_TYPES }; /* type of a token that `rewrite` turns into a variable */

/* The dot behind it ends a sentence. */
static void mark_value(lgd_token *t, lgd_sv m) {
    t->type = MARKED;
    t->var_begin = t->begin;
    t->var_end = t->end - (t->end - t->begin > 1 && m.p[t->end - 1] == '.');
}

static void mark_values(lgd_lexer *x, lgd_sv m, size_t i, size_t end) {
    for (; i < end; i++)
        if (!is_sign(x, i, ',')) mark_value(&x->raw[i], m);
}

static bool mark_numbered_names(lgd_lexer *x, lgd_sv m) {
    bool any = false;
    size_t end;
    for (size_t i = 0; i < x->n_raw; i = end) {
        size_t n = 0;
        end = names_end(x, m, i);
        for (size_t k = i; k < end; k++) n += !is_sign(x, k, ',');
        if (n >= MIN_LIST) mark_values(x, m, i, end);
        any |= n >= MIN_LIST;
        if (end == i) end++;
    }
    return any;
}

/* ---- accounts ---- */

static bool is_one_of(lgd_sv word, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (lgd_sv_eq(word, lgd_sv_of(words[i]))) return true;
    return false;
}
#define IS_ONE_OF(word, words) is_one_of(word, words, sizeof(words) / sizeof *(words))

static bool is_account_word(lgd_sv word) {
    static const char *const words[] = {"user", "username", "account", "login"};
    return IS_ONE_OF(word, words);
}

static bool is_account(lgd_sv word) { return lgd_sv_eq(word, LGD_SV("root")) || lgd_sv_eq(word, LGD_SV("admin")); }

bool token_is_account(lgd_sv t) {
    if (t.n < 4 || t.n > 8 || !memchr("ulra", t.p[0], 4)) return false;
    return is_account(t) || is_account_word(t);
}

static bool is_word_token(const lgd_lexer *x, size_t i) {
    return x->raw[i].type == LGD_VALUE_NONE && token_classify(text_of(x, &x->raw[i])) >= CLASS_WORD;
}

/* A word that goes on with the sentence, behind an account or instead of one. */
static bool goes_on(lgd_sv word) {
    static const char *const words[] = {"from", "by", "on", "at", "with", "in", "is", "was", "has"};
    return IS_ONE_OF(word, words);
}

/* "for user alice", "invalid user alice", "user=alice": what stands at i is the name of an account. */
static bool is_announced(const lgd_lexer *x, size_t i) {
    static const char *const before[] = {"for", "of", "by", "invalid", "Invalid"};
    if (i < 2) return false;
    lgd_sv one = text_of(x, &x->raw[i - 1]), two = text_of(x, &x->raw[i - 2]);
    if (token_is(one, '=')) return is_account_word(two) && !x->raw[i].space && !x->raw[i - 1].space;
    return is_account_word(one) && IS_ONE_OF(two, before) && !goes_on(text_of(x, &x->raw[i]));
}

/* The accounts that every system has, where an account can stand: "for root from", "from=root". */
static bool is_known_account(const lgd_lexer *x, size_t i) {
    if (i == 0 || !is_account(text_of(x, &x->raw[i]))) return false;
    lgd_sv before = text_of(x, &x->raw[i - 1]);
    if (token_is(before, '=')) return !x->raw[i].space;
    if (!lgd_sv_eq(before, LGD_SV("for"))) return false;
    return i + 1 == x->n_raw || !is_word_token(x, i + 1) || goes_on(text_of(x, &x->raw[i + 1]));
}

static bool mark_accounts(lgd_lexer *x, lgd_sv m) {
    bool any = false;
    for (size_t i = 1; i < x->n_raw; i++) {
        if (!is_word_token(x, i) || !(is_announced(x, i) || is_known_account(x, i))) continue;
        mark_value(&x->raw[i], m);
        any = true;
    }
    return any;
}

/* Writes raw_text anew, with a variable where one was marked. */
static void rewrite(lgd_lexer *x, lgd_sv m) {
    for (size_t i = 0; i < x->n_raw; i++) {
        lgd_token *t = &x->raw[i];
        lgd_sv text = text_of(x, t);
        uint32_t begin = (uint32_t)x->signature.n;
        lgd_buf_add_char(&x->signature, x->raw_text.p[t->sig_begin]);
        if (t->type == MARKED) {
            lgd_buf_add_char(&x->signature, SYM_VAR);
            text = (lgd_sv){m.p + t->var_end, t->end - t->var_end};
            t->type = LGD_VALUE_ID;
        }
        lgd_buf_add_sv(&x->signature, text);
        t->sig_begin = begin;
        t->sig_n = (uint32_t)(x->signature.n - begin);
    }
    lgd_buf swap = x->raw_text;
    x->raw_text = x->signature;
    x->signature = swap;
    lgd_buf_clear(&x->signature);
}

/* ---- values ---- */

/* The end of a number at i with a unit behind it, "1.00 KB"; i + 1 if it has none, i if no number is there. Behind a
 * unit stands no `=`: in `status=200 bytes=7` the word is the name of the next value. */
static size_t unit_end(const lgd_lexer *x, size_t i) {
    if (i >= x->n_raw || x->raw[i].type != LGD_VALUE_NUMBER) return i;
    size_t end = i + 1;
    if (end >= x->n_raw || !x->raw[end].space || x->raw[end].sig_n > 6 || !is_sign(x, i, SYM_VAR)) return end;
    if (is_sign(x, end + 1, '=')) return end;
    return end + mask_is_size_unit(text_of(x, &x->raw[end]));
}

/* The end of a value at i, with its unit and with the bracket that repeats it for people: "1033 bytes (1.00 KB)". */
static size_t size_end(const lgd_lexer *x, size_t i) {
    size_t end = unit_end(x, i);
    bool size = end == i + 2 || x->raw[i].type == LGD_VALUE_SIZE;
    if (end == i) end++;
    if (!size || !is_sign(x, end, '(') || !x->raw[end].space) return end;
    size_t inner = end + 1, close = unit_end(x, inner);
    if (close == inner && close < x->n_raw && x->raw[close].type == LGD_VALUE_SIZE) close++;
    bool again = (close == inner + 2 || x->raw[inner].type == LGD_VALUE_SIZE) && is_sign(x, close, ')');
    return again ? close + 1 : end;
}

/* The end of the value at i; i if none is there. */
static size_t value_end(const lgd_lexer *x, size_t i) {
    if (i >= x->n_raw) return i;
    return x->raw[i].var_end > x->raw[i].var_begin ? size_end(x, i) : i;
}

/* The end of the values from i on, each next to the one before or behind a comma; *ret_n of them. */
static size_t values_end(const lgd_lexer *x, size_t i, size_t *ret_n) {
    size_t n = 0, end = i;
    for (size_t next = i, after; (after = value_end(x, next)) > next; n++) {
        end = after;
        next = end + is_sign(x, end, ',');
    }
    *ret_n = n;
    return end;
}

/* The end of a value in quotes at i, with the letter that Python puts in front of some; i if none is there. */
static size_t quoted_end(const lgd_lexer *x, size_t i) {
    size_t open = i + (is_sign(x, i, 'u') || is_sign(x, i, 'b'));
    char quote = is_sign(x, open, '\'') ? '\'' : '"';
    if (!is_sign(x, open, quote) || (open > i && x->raw[open].space)) return i;
    size_t close = value_end(x, open + 1);
    return close > open + 1 && is_sign(x, close, quote) ? close + 1 : i;
}

/* The end of the values in quotes that fill the square brackets before i; i if something else does. Unlike bare ones, of
 * which two may be fields, they are a list though there be only one. */
static size_t quoted_list_end(const lgd_lexer *x, size_t i) {
    if (i == 0 || !is_sign(x, i - 1, '[')) return i;
    size_t next = i, end;
    while ((end = quoted_end(x, next)) > next && is_sign(x, end, ',')) next = end + 1;
    return end > next && is_sign(x, end, ']') ? end : i;
}

/* Tokens i .. end - 1 as they are. */
static void emit_run(lgd_lexer *x, size_t i, size_t end) {
    if (i == end) return;
    uint32_t begin = x->raw[i].sig_begin, shift = (uint32_t)x->signature.n - begin;
    lgd_token *to = x->tokens + x->n_tokens;
    lgd_buf_add(&x->signature, x->raw_text.p + begin, x->raw[end - 1].sig_begin + x->raw[end - 1].sig_n - begin);
    memcpy(to, x->raw + i, (end - i) * sizeof *to);
    for (size_t k = 0; shift && k < end - i; k++) to[k].sig_begin += shift;
    x->n_tokens += end - i;
}

/* Tokens i .. end - 1 as one variable. */
static void emit_folded(lgd_lexer *x, size_t i, size_t end, uint8_t type) {
    lgd_token t = x->raw[i];
    t.end = t.var_end = x->raw[end - 1].end;
    t.var_begin = t.begin;
    t.type = type;
    t.sig_begin = (uint32_t)x->signature.n;
    t.sig_n = 2;
    lgd_buf_add_char(&x->signature, t.space ? SYM_SPACED : SYM_GLUED);
    lgd_buf_add_char(&x->signature, SYM_VAR);
    x->tokens[x->n_tokens++] = t;
}

void fold_values(lgd_lexer *x, lgd_sv m) {
    bool names = x->has_name && mark_numbered_names(x, m), accounts = x->has_account && mark_accounts(x, m);
    if (names || accounts) rewrite(x, m);
    size_t run = 0; /* since then, nothing was folded */
    for (size_t i = 0; i < x->n_raw;) {
        size_t n = 0, list = values_end(x, i, &n), end = n >= MIN_LIST ? list : value_end(x, i);
        size_t quoted = quoted_list_end(x, i);
        if (quoted > i) end = quoted;
        if (end <= i + 1) {
            i++;
            continue;
        }
        emit_run(x, run, i);
        emit_folded(x, i, end, n >= MIN_LIST || quoted > i ? LGD_VALUE_LIST : LGD_VALUE_SIZE);
        run = i = end;
    }
    emit_run(x, run, x->n_raw);
}
