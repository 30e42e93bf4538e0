/*
 * template/render: token sequences as people read them. Variables and wildcards are <*>, values that are not there are
 * nothing, wildcards that touch are one.
 */
#include "miner.h"

#include "symbols.h"

static const lgd_sv wildcard = {"<*>", 3};

static bool ends_in_wildcard(const lgd_buf *b) {
    return b->n >= wildcard.n && memcmp(b->p + b->n - wildcard.n, wildcard.p, wildcard.n) == 0;
}

static void add_text(lgd_sv text, lgd_buf *out) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == SYM_EMPTY) continue;
        if (c != SYM_VAR && c != SYM_ANY)
            lgd_buf_add_char(out, c);
        else if (!ends_in_wildcard(out))
            lgd_buf_add_sv(out, wildcard);
    }
}

void render_tokens(lgd_sv encoded, lgd_buf *out) {
    lgd_sv text;
    bool space;
    size_t start = out->n;
    while (token_next(&encoded, &text, &space)) {
        if (space && out->n > start) lgd_buf_add_char(out, ' ');
        add_text(text, out);
    }
}

void lgd_signature_render(lgd_sv signature_bytes, lgd_buf *out) { render_tokens(signature_bytes, out); }

const char *lgd_value_type_name(lgd_value_type type) {
    static const char *const names[LGD_VALUE_TYPES] = {"word", "number",  "size", "duration", "time",
                                                       "ip",   "host",    "path", "url",      "email",
                                                       "id",   "literal", "list", "quoted"};
    return type < LGD_VALUE_TYPES ? names[type] : "word";
}
