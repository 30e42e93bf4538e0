/*
 * template: from messages to templates. A lexer turns a message into a short signature in which every variable-looking
 * token is one symbol; training only counts signatures; at its end they are clustered in a canonical order (Drain's
 * similarity tree, He et al. 2017, over signatures; then low-cardinality split and subsumption merge), so the order of
 * lines cannot matter. Matching is a lexer pass and a hash lookup. Method and constants: docs/TEMPLATES.md.
 *
 *     message -> lgd_lex -> signature -> lgd_miner_add ... lgd_miner_freeze -> lgd_store -> lgd_store_find
 */
#ifndef LOGDETECT_TEMPLATE_H
#define LOGDETECT_TEMPLATE_H

#include "logdetect/event.h"

/* ---- lexer ---- */

/* What a variable token looks like. */
typedef enum lgd_value_type {
    LGD_VALUE_NONE,   /* a word: no variable by its looks */
    LGD_VALUE_NUMBER, /* with or without a unit */
    LGD_VALUE_SIZE,   /* bytes */
    LGD_VALUE_DURATION,
    LGD_VALUE_TIME, /* date or time of day */
    LGD_VALUE_IP,
    LGD_VALUE_HOST,
    LGD_VALUE_PATH,
    LGD_VALUE_URL,
    LGD_VALUE_EMAIL,
    LGD_VALUE_ID,      /* uuid, hex, a word with digits in it */
    LGD_VALUE_LITERAL, /* true, false, null ... */
    LGD_VALUE_LIST,    /* a run of three or more values */
    LGD_VALUE_QUOTED,  /* a word between quotes; only lgd_pattern_values and lgd_signature_values tell it */
    LGD_VALUE_TYPES
} lgd_value_type;
const char *lgd_value_type_name(lgd_value_type type);
/* What is counted or measured: numbers, sizes, durations. */
static inline bool lgd_value_is_quantity(lgd_value_type type) {
    return type == LGD_VALUE_NUMBER || type == LGD_VALUE_SIZE || type == LGD_VALUE_DURATION;
}

enum { LGD_MAX_TOKENS = 1024, LGD_MAX_MESSAGE = 65536 }; /* the rest of a longer message is not looked at */

/* One token of a signature and where it stands in the message. */
typedef struct lgd_token {
    uint32_t sig_begin, sig_n;   /* in the signature: its spacing byte and its text */
    uint32_t begin, end;         /* in the message */
    uint32_t var_begin, var_end; /* the variable part of it; empty if there is none */
    uint8_t type;                /* lgd_value_type of the variable part */
    bool space;                  /* white space stood before it */
} lgd_token;

/* Scratch space of one thread. Start with {0}. */
typedef struct lgd_lexer {
    lgd_token *raw; /* before lists are collapsed */
    lgd_token *tokens;
    size_t n_raw, n_tokens;
    bool has_name, has_account; /* words are among them that may make their neighbours values */
    lgd_buf raw_text;           /* token texts before collapsing, spacing byte first */
    lgd_buf signature;
} lgd_lexer;

/* A signature: valid until the lexer's next call. `bytes` is what is compared and hashed. */
typedef struct lgd_signature {
    lgd_sv bytes;
    lgd_sv raw_bytes; /* before lists were collapsed; the same as bytes if none was */
    const lgd_token *tokens;
    size_t n_tokens;
} lgd_signature;

/* Lexes one message: one pass over its bytes, no allocation once the scratch has grown. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_lex(lgd_lexer *lexer, lgd_sv message, lgd_signature *ret, lgd_err *err);
void lgd_lexer_release(lgd_lexer *lexer);

/* The number in a value's text ("12.5ms" -> 12.5, "1,234" -> 1234); false if it does not start with one. */
bool lgd_value_number(lgd_sv text, double *ret);
/* The same where the text is a number and perhaps its unit, and nothing else: "12.5ms" -> 12.5 "ms", "3 %" -> 3 "%",
 * "42" -> 42 "", "1h30m" -> 5400 "s". False for "1.2.3", "1,2", "5-7". The unit is a view into text, or static. */
bool lgd_value_unit(lgd_sv text, double *ret_number, lgd_sv *ret_unit);
/* How many of the unit `to` make one of `from`: "s", "ms" -> 1000; false if they do not measure the same. */
bool lgd_unit_ratio(lgd_sv from, lgd_sv to, double *ret);

/* ---- miner: counts signatures ---- */

typedef struct lgd_miner lgd_miner;
typedef struct lgd_store lgd_store;

#define LGD_MINER_MAX_SIGNATURES 65536u

/* hash_key: see lgd_world. max_signatures: 0 = LGD_MINER_MAX_SIGNATURES. */
LGD_MUST_CHECK lgd_status lgd_miner_new(uint64_t hash_key, size_t max_signatures, lgd_miner **ret_miner, lgd_err *err);
/* Counts one event; the two forms of its signature are those of lgd_signature. When the table is full it is compacted: clustered, its widest positions generalised; what is rarest
 * leaves, if it must, and is counted. O(length), amortised. */
LGD_MUST_CHECK lgd_status lgd_miner_add(lgd_miner *m, lgd_sv signature_bytes, lgd_sv raw_bytes, lgd_err *err);
size_t lgd_miner_n_signatures(const lgd_miner *m);
uint64_t lgd_miner_n_dropped(const lgd_miner *m);        /* signatures that a full table lost */
uint64_t lgd_miner_n_dropped_events(const lgd_miner *m); /* events that had been counted for them */
/* Clusters what was counted into a store. The miner stays as it is. */
LGD_MUST_CHECK lgd_status lgd_miner_freeze(lgd_miner *m, lgd_store **ret_store, lgd_err *err);
/* The same on top of an older store: its templates and slots keep their numbers, and what it matched it matches alike. What
 * the miner counted and the older one does not know is clustered on its own and stands behind, but where its text is that
 * of a template already. weight: of the older counts, as lgd_fading has it, and salt. At most LGD_MINER_MAX_SIGNATURES: the
 * rarest of the new ones beyond stay out and are counted as dropped. */
LGD_MUST_CHECK lgd_status lgd_miner_extend(lgd_miner *m, const lgd_store *old, double weight, uint64_t salt,
                                           lgd_store **ret_store, lgd_err *err);
void lgd_miner_free(lgd_miner *m); /* takes NULL */

/* ---- store: the frozen table ---- */

/* A pattern is one token sequence with wildcards; a template owns one or several. Patterns number the places where values
 * stand, its slots, consecutively: pattern p has slots slot_base .. slot_base + n_slots - 1. */
typedef struct lgd_pattern {
    lgd_template_id template_id;
    lgd_sv tokens; /* encoded, see src/template/symbols.h */
    uint32_t n_tokens;
    uint32_t slot_base;
    uint32_t n_slots;
    uint64_t count;      /* training events */
    const lgd_sv *names; /* [n_slots], see lgd_pattern_slot_name */
} lgd_pattern;

typedef struct lgd_template {
    lgd_sv text;    /* with <*> for variables */
    uint64_t count; /* training events */
} lgd_template;

size_t lgd_store_n_templates(const lgd_store *s);
size_t lgd_store_n_patterns(const lgd_store *s);
size_t lgd_store_n_signatures(const lgd_store *s);
uint32_t lgd_store_n_slots(const lgd_store *s);
const lgd_template *lgd_store_template(const lgd_store *s, lgd_template_id id);
const lgd_pattern *lgd_store_pattern(const lgd_store *s, uint32_t pattern);

#define LGD_NO_PATTERN UINT32_MAX
/* The pattern of a signature: exact lookup, else the best pattern that fits, else LGD_NO_PATTERN. Pure, thread-safe. */
uint32_t lgd_store_find(const lgd_store *s, lgd_sv signature_bytes);

/* What the text calls a place, of 0 .. n_slots - 1: `took` for "took=<*>", "took: <*>", "\"took\": <*>", "took(<*>)". Empty
 * where it says nothing. Found once, when the store is made. */
lgd_sv lgd_pattern_slot_name(const lgd_pattern *p, uint32_t slot);

/* The values of a message that matched pattern p: one for each slot, in order; at most max. Views into message; the name
 * is the slot's. */
typedef struct lgd_value {
    lgd_sv text;
    lgd_sv name;
    lgd_value_type type;
} lgd_value;
size_t lgd_pattern_values(const lgd_pattern *p, const lgd_signature *signature, lgd_sv message, lgd_value *ret,
                          size_t max);
/* The same for a message that matched nothing: its variable tokens, as lgd_signature_render shows them. */
size_t lgd_signature_values(const lgd_signature *signature, lgd_sv message, lgd_value *ret, size_t max);

/* The text of a template made of this signature alone, for events that match nothing. Appends to out. */
void lgd_signature_render(lgd_sv signature_bytes, lgd_buf *out);

LGD_MUST_CHECK lgd_status lgd_store_save(const lgd_store *s, lgd_buf *out, lgd_err *err);
/* bytes are hostile. hash_key as for the miner; it need not be the one of training. */
LGD_MUST_CHECK lgd_status lgd_store_load(lgd_sv bytes, uint64_t hash_key, lgd_store **ret_store, lgd_err *err);
void lgd_store_free(lgd_store *s); /* takes NULL */

/* ---- newcomers: ids for events that a frozen store does not know, in order of appearance ---- */

typedef struct lgd_newcomers lgd_newcomers;
#define LGD_MAX_NEWCOMERS 65536u
LGD_MUST_CHECK lgd_status lgd_newcomers_new(const lgd_store *store, uint64_t hash_key, lgd_newcomers **ret,
                                            lgd_err *err);
/* The id of a signature that lgd_store_find does not know: n_templates, n_templates + 1, ... When they are
 * too many (LGD_MAX_NEWCOMERS with the one of the rest, or 64 MiB of texts), the rest share the id behind the last.
 * ret_first: it is new just now. */
LGD_MUST_CHECK lgd_status lgd_newcomers_id(lgd_newcomers *n, lgd_sv signature_bytes, lgd_template_id *ret_id,
                                           bool *ret_first, lgd_err *err);
size_t lgd_newcomers_count(const lgd_newcomers *n);                     /* without the rest */
bool lgd_newcomers_is_full(const lgd_newcomers *n);                     /* there is a rest */
bool lgd_newcomers_is_rest(const lgd_newcomers *n, lgd_template_id id); /* it is the id of the rest */
/* Text of any id: from the store or of a newcomer; "<*>" for the rest. */
lgd_sv lgd_newcomers_text(const lgd_newcomers *n, lgd_template_id id);
void lgd_newcomers_free(lgd_newcomers *n); /* takes NULL */

#endif
