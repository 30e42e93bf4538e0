/*
 * base: what every stage stands on - status and error text, memory through one door, byte strings, hashing,
 * random numbers, number parsing, checksums, worker threads and an incremental JSON writer.
 *
 * Nothing here knows what a log is. Nothing here prints, exits, or reads argv, the environment or the clock.
 */
#ifndef LOGDETECT_BASE_H
#define LOGDETECT_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define LGD_MUST_CHECK   __attribute__((warn_unused_result))
#define LGD_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define LGD_MUST_CHECK
#define LGD_PRINTF(f, a)
#endif

/* ---- status: every fallible function returns one; ret_* outputs are untouched unless it is LGD_OK ---- */

typedef enum lgd_status {
    LGD_OK = 0,
    LGD_E_USAGE,   /* the caller asked for something that is not offered: option, number, combination */
    LGD_E_IO,      /* the operating system said no; the text ends with its words */
    LGD_E_MEMORY,  /* an allocation failed or a cap was reached */
    LGD_E_DAMAGED, /* a file is not what it says it is: checksum, truncation, impossible value */
    LGD_E_DATA,    /* the data do not allow it: nothing to read, too little to learn from */
    LGD_E_CLOSED,  /* the reader of our output went away (EPIPE) */
    LGD_E_DEVICE   /* a GPU is missing, failed or hangs; what it did last is not to be trusted */
} lgd_status;

/* An error text of the shape `PATH[:LINE]: what happened; what was done`. Start with {0}; the first message wins. */
typedef struct lgd_err {
    lgd_status status;
    char text[1024];
} lgd_err;

/* Records `status` and the formatted text in err (may be NULL) unless an earlier failure is there. Returns `status`. */
lgd_status lgd_fail(lgd_err *err, lgd_status status, const char *format, ...) LGD_PRINTF(3, 4);
/* The same for an allocation of n_bytes that failed. */
lgd_status lgd_fail_memory(lgd_err *err, size_t n_bytes);

#define LGD_TRY(call)                                                                                                  \
    do {                                                                                                               \
        lgd_status lgd_try_status_ = (call);                                                                           \
        if (lgd_try_status_ != LGD_OK) return lgd_try_status_;                                                         \
    } while (0)

/* ---- memory: every allocation of the library goes through these, so that a test can fail the N-th one ---- */

void *lgd_alloc(size_t n_bytes);            /* NULL on failure; never NULL for n_bytes == 0 */
void *lgd_calloc(size_t n, size_t size);    /* zeroed; NULL on failure or when n * size overflows */
void *lgd_realloc(void *p, size_t n_bytes); /* NULL on failure, p is then still valid */
void lgd_free(void *p);                     /* takes NULL */
/* Tests only: the n-th allocation from now on fails (1 = the next one), and every one after it if `all`; 0 switches off. */
void lgd_alloc_fail_at(uint64_t n, bool all);

/* Grows *p to hold at least `need` items of `size` bytes, doubling; *capacity is in items. cap: most items allowed. */
LGD_MUST_CHECK lgd_status lgd_grow(void **p, size_t *capacity, size_t need, size_t size, size_t cap, lgd_err *err);

/* ---- strings: pointer and length, never NUL-terminated; log lines are hostile bytes with NULs in them ---- */

typedef struct lgd_sv {
    const char *p;
    size_t n;
} lgd_sv;

#define LGD_SV(literal) ((lgd_sv){(literal), sizeof(literal) - 1})
lgd_sv lgd_sv_of(const char *c_string); /* NULL -> empty */
bool lgd_sv_eq(lgd_sv a, lgd_sv b);
int lgd_sv_cmp(lgd_sv a, lgd_sv b); /* byte order, then length; -1, 0, 1 */
lgd_sv lgd_sv_trim(lgd_sv s);       /* without ASCII white space at both ends */
/* The first max_bytes of s, or up to three fewer: a character of UTF-8 is not cut in two. */
lgd_sv lgd_sv_cut(lgd_sv s, size_t max_bytes);
bool lgd_sv_starts(lgd_sv s, lgd_sv prefix);
bool lgd_sv_eq_nocase(lgd_sv a, lgd_sv b); /* ASCII */

/* A growable byte buffer that the caller owns. Start with {0}. `failed` is sticky: appends after a failed one are
 * no-ops, so a writer checks once, at the end. */
typedef struct lgd_buf {
    char *p;
    size_t n;
    size_t capacity;
    bool failed;
} lgd_buf;

void lgd_buf_add(lgd_buf *b, const void *bytes, size_t n);
void lgd_buf_add_sv(lgd_buf *b, lgd_sv s);
void lgd_buf_add_char(lgd_buf *b, char c);
void lgd_buf_printf(lgd_buf *b, const char *format, ...) LGD_PRINTF(2, 3);
void lgd_buf_clear(lgd_buf *b);   /* keeps the memory */
void lgd_buf_release(lgd_buf *b); /* back to {0} */
lgd_sv lgd_buf_sv(const lgd_buf *b);

/* A bump allocator: everything in it dies at once. Start with {0}. */
typedef struct lgd_arena {
    struct lgd_arena_chunk *head;
    size_t used_bytes; /* handed out since init or clear */
} lgd_arena;

void *lgd_arena_alloc(lgd_arena *a, size_t n_bytes); /* 8-byte aligned; NULL on failure */
bool lgd_arena_copy(lgd_arena *a, lgd_sv s, lgd_sv *ret_copy);
void lgd_arena_clear(lgd_arena *a); /* keeps one chunk */
void lgd_arena_release(lgd_arena *a);

/* ---- hashing ---- */

/* 64-bit keyed hash (the multiply-and-fold construction of wyhash, Wang Yi 2019). Order of tables never depends on it. */
uint64_t lgd_hash(const void *bytes, size_t n, uint64_t key);
static inline uint64_t lgd_hash_sv(lgd_sv s, uint64_t key) { return lgd_hash(s.p, s.n, key); }
uint64_t lgd_hash_u64(uint64_t x, uint64_t key);

/* An open-addressing index from a 64-bit hash to the caller's dense array: it stores item numbers only, the caller
 * compares keys. Iterate over the dense array, never over the index. Start with {0}. */
typedef struct lgd_index {
    uint32_t *slots; /* item number + 1, 0 = empty */
    uint32_t *tags;  /* upper half of the hash, to skip most comparisons */
    size_t n_slots;  /* power of two */
    size_t n_items;
} lgd_index;

typedef bool (*lgd_index_equal)(const void *ctx, uint32_t item, const void *key);
#define LGD_INDEX_NONE UINT32_MAX
uint32_t lgd_index_find(const lgd_index *ix, uint64_t hash, lgd_index_equal equal, const void *ctx, const void *key);
/* Adds an item that is known to be absent. */
LGD_MUST_CHECK lgd_status lgd_index_add(lgd_index *ix, uint64_t hash, uint32_t item, lgd_err *err);
void lgd_index_clear(lgd_index *ix);
void lgd_index_release(lgd_index *ix);

/* CRC-32C (Castagnoli), as in iSCSI and ext4; start with crc = 0. */
uint32_t lgd_crc32c(uint32_t crc, const void *bytes, size_t n);

/* ---- random numbers: xoshiro256** (Blackman & Vigna 2018), seeded through splitmix64 ---- */

typedef struct lgd_rng {
    uint64_t s[4];
} lgd_rng;

void lgd_rng_init(lgd_rng *r, uint64_t seed);
uint64_t lgd_rng_next(lgd_rng *r);
uint32_t lgd_rng_below(lgd_rng *r, uint32_t bound); /* uniform in [0, bound), bound > 0 */
double lgd_rng_unit(lgd_rng *r);                    /* uniform in [0, 1) */

/* ---- fading: what was counted long ago counts less ---- */

/* Counts that are scaled by a weight and stay whole numbers: of a row of counts each is rounded so that their sum is, too
 * (systematic rounding: running sums are rounded, by an offset in [0, 1) that chance has chosen). On average nothing is
 * lost, a 1 fades out as slowly as a 1,000; rows that have the same sum and offset keep the same sum. */
typedef struct lgd_fading {
    double weight, offset;
    uint64_t seen, kept; /* sums so far */
} lgd_fading;
/* weight: 0..1; 1 changes nothing. key: what is rounded, salt: when; the offset follows from both. */
lgd_fading lgd_fading_begin(double weight, uint64_t key, uint64_t salt);
uint64_t lgd_fading_next(lgd_fading *f, uint64_t n); /* what remains of n; sums below 2^53 */
/* A number in (0, 1] that a hash stands for. */
double lgd_hash_unit(uint64_t hash);

/* ---- numbers: independent of the locale ---- */

bool lgd_parse_u64(lgd_sv s, uint64_t *ret); /* decimal digits only; false on overflow or anything else */
bool lgd_parse_f64(lgd_sv s, double *ret);   /* [-]digits[.digits][e[+-]digits], finite; false otherwise */
/* Shortest of %.6g..%.17g that reads back as x; NaN and infinities print as 0. Writes at most 32 bytes; returns n. */
size_t lgd_format_f64(double x, char out[32]);
/* For people: n of `of` in per cent, "61.2 %". Rounding makes neither all nor nothing of it: "100 %" and "0 %" are just
 * these, what is nearly all is ">99.9 %", what is hardly anything "<0.1 %". decimals: 0 or 1. */
void lgd_format_share(lgd_buf *b, uint64_t n, uint64_t of, int decimals);
/* The same, with one decimal, of a share that was estimated, 0 to 1. */
void lgd_format_estimate(lgd_buf *b, double share);
/* For people: a probability that something was estimated to have, " (p 0.32)"; none is so sure that it is 1: " (p >0.99)".
 * 0, which nothing possible has, is nothing to be said: no text. */
void lgd_format_probability(lgd_buf *b, double p);
/* For people: "40.0 s", "40 min", "2.5 h". */
void lgd_format_duration(lgd_buf *b, int64_t ns);

/* ---- text that goes to people: one escape for each sink ---- */

/* Decodes the code point at the start of s (RFC 3629: shortest form, no surrogates). Returns its bytes, 0 if there is none. */
size_t lgd_utf8_decode(lgd_sv s, uint32_t *ret);

/* Appends s so that a terminal is safe: C0, DEL, C1, invalid UTF-8 and bidi/zero-width controls become visible
 * (\xNN, <U+202E>); at most max_bytes of s, then an ellipsis. */
void lgd_escape_terminal(lgd_buf *b, lgd_sv s, size_t max_bytes);

/* ---- JSON, written as it comes: no tree, no recursion ---- */

typedef struct lgd_json {
    lgd_buf *out;
    bool need_comma;
} lgd_json;

/* key may be NULL inside arrays. Strings: invalid UTF-8 becomes U+FFFD, control bytes are escaped, `<` is \u003c so that
 * a document can stand inside HTML. */
void lgd_json_object(lgd_json *j, const char *key);
void lgd_json_object_end(lgd_json *j);
void lgd_json_array(lgd_json *j, const char *key);
void lgd_json_array_end(lgd_json *j);
void lgd_json_string(lgd_json *j, const char *key, lgd_sv value);
void lgd_json_u64(lgd_json *j, const char *key, uint64_t value);
void lgd_json_f64(lgd_json *j, const char *key, double value);
void lgd_json_bool(lgd_json *j, const char *key, bool value);
void lgd_json_null(lgd_json *j, const char *key);
void lgd_json_key_sv(lgd_json *j, lgd_sv key); /* for keys that are data: the next value's key argument is NULL */

/* ---- bytes of a model's section: little-endian, bounds checked on the way back ---- */

void lgd_put_u8(lgd_buf *b, uint8_t x);
void lgd_put_u32(lgd_buf *b, uint32_t x);
void lgd_put_u64(lgd_buf *b, uint64_t x);
void lgd_put_i64(lgd_buf *b, int64_t x);
void lgd_put_f32(lgd_buf *b, float x);
void lgd_put_f64(lgd_buf *b, double x);
void lgd_put_sv(lgd_buf *b, lgd_sv s);       /* u32 length, bytes */
void lgd_put_varint(lgd_buf *b, uint64_t x); /* seven bits a byte, the lowest first; small numbers are short */

/* A cursor over a section. Past the end or after an impossible value it turns `bad`, and every read gives 0 from then on:
 * read, then check once. */
typedef struct lgd_cursor {
    const char *p, *end;
    bool bad;
} lgd_cursor;
lgd_cursor lgd_cursor_of(lgd_sv section);
uint8_t lgd_get_u8(lgd_cursor *c);
uint32_t lgd_get_u32(lgd_cursor *c);
uint64_t lgd_get_u64(lgd_cursor *c);
int64_t lgd_get_i64(lgd_cursor *c);
float lgd_get_f32(lgd_cursor *c);                      /* NaN and infinities turn the cursor bad */
double lgd_get_f64(lgd_cursor *c);                     /* likewise */
lgd_sv lgd_get_sv(lgd_cursor *c);                      /* a view into the section */
uint64_t lgd_get_varint(lgd_cursor *c, uint64_t most); /* larger ones turn the cursor bad */
/* A count of items of at least `item_bytes` each: bad when more than what is left can hold. */
uint32_t lgd_get_count(lgd_cursor *c, size_t item_bytes);
/* LGD_OK when the cursor is good and at its end; else damaged: `SECTION: what`. */
LGD_MUST_CHECK lgd_status lgd_cursor_done(const lgd_cursor *c, const char *section, lgd_err *err);

/* ---- threads ---- */

/* A pool that runs one fork-join job at a time. n_threads counts the caller: 1 starts no thread. */
typedef struct lgd_pool lgd_pool;
/* Work on items [begin, end); `worker` is in 0..n_threads-1 and names scratch space that no other call uses meanwhile. */
typedef void (*lgd_pool_work)(void *ctx, size_t begin, size_t end, size_t worker);

LGD_MUST_CHECK lgd_status lgd_pool_new(size_t n_threads, lgd_pool **ret_pool, lgd_err *err);
void lgd_pool_free(lgd_pool *pool);         /* takes NULL */
size_t lgd_pool_size(const lgd_pool *pool); /* threads that really started; NULL counts as 1 */
/* Calls work over [0, n) in pieces of at most `grain`; returns when all are done. The result must not depend on the cut. */
void lgd_pool_run(lgd_pool *pool, size_t n, size_t grain, lgd_pool_work work, void *ctx);

#endif
