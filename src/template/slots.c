/*
 * template/slots: the places of a pattern where values stand - what the text around them calls them, and what stands
 * there in a message, with its type.
 *
 * A name is the word in front of `=` or `:` (`key=<*>`, `key: <*>`, `"key": "<*>"`, `key => <*>`) or of a bracket that
 * holds the value alone (`key(<*>)`), or one of the few words that announce a name (`user <*>`, `host <*>`). A colon
 * says less than the others: a level, a host or a protocol stands before it as well (see colon_names). Other plain words
 * in front of a value (`for <*>`) name nothing: which of them do is a question of language. Names are found once, when a
 * store is made or loaded; values for each message.
 * Cost: O(length) of the pattern and of the values.
 */
#include "store.h"

#include "chars.h"
#include "logdetect/format.h"
#include "symbols.h"

enum { MAX_NAME = 32, MAX_ROW = LGD_MAX_TOKENS + 2 };

typedef struct token_row {
    lgd_sv text[MAX_ROW];
    bool space[MAX_ROW];
    size_t n;
} token_row;

static void decode(lgd_sv rest, token_row *ret) {
    ret->n = 0;
    while (ret->n < MAX_ROW && token_next(&rest, &ret->text[ret->n], &ret->space[ret->n])) ret->n++;
}

static bool is_slot(lgd_sv text) {
    token_class class = token_classify(text);
    return class == CLASS_VAR || class == CLASS_ANY;
}

/* ---- names ---- */

/* The token at i is this sign. Past either end there is none: i is the caller's minus one, perhaps of zero. */
static bool sign_at(const token_row *t, size_t i, char sign) { return i < t->n && token_is(t->text[i], sign); }

static bool is_quote(const token_row *t, size_t i) { return sign_at(t, i, '"') || sign_at(t, i, '\''); }

/* The word without the dashes of an option, if it can be a name; dots are for names that are marked as such. */
static lgd_sv as_name(lgd_sv word, bool dots) {
    while (word.n && (word.p[0] == '-' || word.p[0] == '@' || word.p[0] == '$')) word.p++, word.n--;
    if (word.n == 0 || word.n > MAX_NAME || !(is_alpha(word.p[0]) || word.p[0] == '_')) return (lgd_sv){"", 0};
    for (size_t i = 1; i < word.n; i++) {
        bool joint = word.p[i] == '-' || (word.p[i] == '.' && dots);
        if (!is_word(word.p[i]) && !(joint && i + 1 < word.n)) return (lgd_sv){"", 0};
    }
    return word;
}

/* A sign that opens before the value and one that closes behind it: ( " ' [ { <. */
static bool is_enclosed(const token_row *t, size_t i) {
    static const char open[] = "([{<\"'", close[] = ")]}>\"'";
    if (i == 0 || i + 1 >= t->n || t->text[i - 1].n != 1) return false;
    const char *at = memchr(open, t->text[i - 1].p[0], sizeof open - 1);
    return at && !t->space[i] && !t->space[i + 1] && token_is(t->text[i + 1], close[at - open]);
}

/* First token of the sign that ends before token i: `=`, `:`, `=>`, `:=`; i if there is none. */
static size_t sign_start(const token_row *t, size_t i) {
    size_t last = i - 1, before = i - 2;
    if (i == 0) return 0;
    bool two = i > 1 && !t->space[last];
    if (two && sign_at(t, last, '>') && sign_at(t, before, '=')) return before;
    if (two && sign_at(t, last, '=') && sign_at(t, before, ':')) return before;
    return sign_at(t, last, '=') || sign_at(t, last, ':') ? last : i;
}

/* The word at `key` is a name before the colon behind it: in an object any word is, elsewhere one with a blank or a
 * bracket behind the colon (`localhost:80`, `root:322` are none) that is no level (`WARNING: 79 files`) and has no
 * number in it (`port 22 ssh2: ED25519`). */
static bool colon_names(const token_row *t, size_t key, bool in_object) {
    if (in_object && key && (sign_at(t, key - 1, '{') || sign_at(t, key - 1, ','))) return true;
    bool level = t->text[key].n >= 3 && lgd_level_of(t->text[key]) != LGD_LEVEL_NONE;
    bool apart = t->space[key + 1] || t->space[key + 2];
    return !level && (in_object || (apart && token_classify(t->text[key]) != CLASS_NAME));
}

static lgd_sv name_of(const token_row *t, size_t slot, bool in_object) {
    bool enclosed = is_enclosed(t, slot);
    size_t value = enclosed ? slot - 1 : slot, sign = sign_start(t, value);
    if (sign == 0) return (lgd_sv){"", 0};
    if (sign < value) {
        size_t key = sign - 1;
        bool quoted = key >= 2 && is_quote(t, key) && lgd_sv_eq(t->text[key - 2], t->text[key]);
        if (quoted) key--;
        if (!quoted && sign == value - 1 && sign_at(t, sign, ':') && !colon_names(t, key, in_object))
            return (lgd_sv){"", 0};
        return as_name(t->text[key], quoted || sign_at(t, sign, '='));
    }
    lgd_sv before = t->text[value - 1];
    bool call = enclosed && sign_at(t, value, '(') && !t->space[value];
    return call || token_announces(before) ? as_name(before, false) : (lgd_sv){"", 0};
}

size_t slot_names(lgd_sv tokens, lgd_sv *ret, size_t max) {
    token_row t;
    size_t n = 0, depth = 0; /* of braces */
    decode(tokens, &t);
    for (size_t i = 0; i < t.n && n < max; i++) {
        if (sign_at(&t, i, '{')) depth++;
        if (sign_at(&t, i, '}') && depth) depth--;
        if (is_slot(t.text[i])) ret[n++] = name_of(&t, i, depth > 0);
    }
    return n;
}

size_t slot_count(lgd_sv tokens, uint32_t *ret_n_tokens) {
    lgd_sv text;
    bool space;
    size_t n = 0;
    for (*ret_n_tokens = 0; token_next(&tokens, &text, &space); ++*ret_n_tokens) n += is_slot(text);
    return n;
}

lgd_sv lgd_pattern_slot_name(const lgd_pattern *p, uint32_t slot) {
    return slot < p->n_slots ? p->names[slot] : (lgd_sv){"", 0};
}

/* ---- values ---- */

/* What looks like a word and stands between quotes is a quoted text; a number between them is a number. */
static lgd_value_type type_of(const lgd_token *t, lgd_sv message, uint32_t begin, uint32_t end) {
    bool inside = t->type == LGD_VALUE_NONE && begin > 0 && end < message.n && end > begin;
    if (!inside || message.p[begin - 1] != message.p[end]) return (lgd_value_type)t->type;
    return message.p[end] == '"' || message.p[end] == '\'' ? LGD_VALUE_QUOTED : LGD_VALUE_NONE;
}

static size_t values_of(lgd_sv rest, const lgd_signature *signature, lgd_sv message, lgd_value *ret, size_t max) {
    lgd_sv text;
    bool space;
    size_t n = 0;
    for (size_t i = 0; i < signature->n_tokens && n < max && token_next(&rest, &text, &space); i++) {
        token_class class = token_classify(text);
        if (class != CLASS_VAR && class != CLASS_ANY) continue;
        const lgd_token *t = &signature->tokens[i];
        bool part = class == CLASS_VAR && !token_is(text, SYM_VAR) && t->var_end > t->var_begin;
        uint32_t begin = part ? t->var_begin : t->begin, end = part ? t->var_end : t->end;
        ret[n++] = (lgd_value){.text = {message.p + begin, end - begin}, .type = type_of(t, message, begin, end)};
    }
    return n;
}

size_t lgd_pattern_values(const lgd_pattern *p, const lgd_signature *signature, lgd_sv message, lgd_value *ret,
                          size_t max) {
    size_t n = values_of(p->tokens, signature, message, ret, max);
    for (size_t i = 0; i < n; i++) ret[i].name = p->names[i];
    return n;
}

size_t lgd_signature_values(const lgd_signature *signature, lgd_sv message, lgd_value *ret, size_t max) {
    lgd_sv names[MAX_ROW];
    size_t n = values_of(signature->bytes, signature, message, ret, max);
    (void)slot_names(signature->bytes, names, n < MAX_ROW ? n : MAX_ROW);
    for (size_t i = 0; i < n; i++) ret[i].name = names[i];
    return n;
}
