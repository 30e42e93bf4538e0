/*
 * base/codec: numbers and byte strings to and from the bytes of a section.
 *
 * Little-endian whatever the machine, so that models travel. Writing relies on the sticky failure of lgd_buf, reading on
 * that of the cursor: straight code, one check at the end. Nothing read is trusted: lengths are compared with what is
 * left, counts with what could fit there, and numbers that are not finite are refused.
 */
#include "logdetect/base.h"

#include <math.h>

/* ---- writing ---- */

static void put_bits(lgd_buf *b, uint64_t x, size_t n_bytes) {
    unsigned char bytes[8];
    for (size_t i = 0; i < n_bytes; i++) bytes[i] = (unsigned char)(x >> (8 * i));
    lgd_buf_add(b, bytes, n_bytes);
}

void lgd_put_u8(lgd_buf *b, uint8_t x) { put_bits(b, x, 1); }
void lgd_put_u32(lgd_buf *b, uint32_t x) { put_bits(b, x, 4); }
void lgd_put_u64(lgd_buf *b, uint64_t x) { put_bits(b, x, 8); }
void lgd_put_i64(lgd_buf *b, int64_t x) { put_bits(b, (uint64_t)x, 8); }

void lgd_put_f32(lgd_buf *b, float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    lgd_put_u32(b, bits);
}

void lgd_put_f64(lgd_buf *b, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    lgd_put_u64(b, bits);
}

void lgd_put_sv(lgd_buf *b, lgd_sv s) {
    if (s.n > UINT32_MAX) b->failed = true;
    lgd_put_u32(b, (uint32_t)s.n);
    lgd_buf_add_sv(b, s);
}

void lgd_put_varint(lgd_buf *b, uint64_t x) {
    for (; x >= 0x80; x >>= 7) lgd_put_u8(b, (uint8_t)(0x80 | (x & 0x7f)));
    lgd_put_u8(b, (uint8_t)x);
}

/* ---- reading ---- */

lgd_cursor lgd_cursor_of(lgd_sv section) { return (lgd_cursor){.p = section.p, .end = section.p + section.n}; }

/* The next n bytes, NULL when they are not there. */
static const unsigned char *take(lgd_cursor *c, size_t n) {
    if (c->bad || (size_t)(c->end - c->p) < n) {
        c->bad = true;
        return NULL;
    }
    const char *p = c->p;
    c->p += n;
    return (const unsigned char *)p;
}

static uint64_t get_bits(lgd_cursor *c, size_t n_bytes) {
    const unsigned char *p = take(c, n_bytes);
    uint64_t x = 0;
    for (size_t i = 0; p != NULL && i < n_bytes; i++) x |= (uint64_t)p[i] << (8 * i);
    return x;
}

uint8_t lgd_get_u8(lgd_cursor *c) { return (uint8_t)get_bits(c, 1); }
uint32_t lgd_get_u32(lgd_cursor *c) { return (uint32_t)get_bits(c, 4); }
uint64_t lgd_get_u64(lgd_cursor *c) { return get_bits(c, 8); }
int64_t lgd_get_i64(lgd_cursor *c) { return (int64_t)get_bits(c, 8); }

float lgd_get_f32(lgd_cursor *c) {
    const uint32_t bits = lgd_get_u32(c);
    float x;
    memcpy(&x, &bits, sizeof x);
    if (isfinite(x)) return x;
    c->bad = true;
    return 0;
}

double lgd_get_f64(lgd_cursor *c) {
    const uint64_t bits = lgd_get_u64(c);
    double x;
    memcpy(&x, &bits, sizeof x);
    if (isfinite(x)) return x;
    c->bad = true;
    return 0;
}

lgd_sv lgd_get_sv(lgd_cursor *c) {
    const uint32_t n = lgd_get_u32(c);
    const unsigned char *p = take(c, n);
    return p != NULL ? (lgd_sv){(const char *)p, n} : (lgd_sv){"", 0};
}

uint64_t lgd_get_varint(lgd_cursor *c, uint64_t most) {
    uint64_t x = 0;
    for (unsigned shift = 0; shift < 64 && !c->bad; shift += 7) {
        uint64_t byte = lgd_get_u8(c), bits = byte & 0x7f;
        if (bits << shift >> shift != bits) break;
        x |= bits << shift;
        if (byte < 0x80 && x <= most) return c->bad ? 0 : x;
        if (byte < 0x80) break;
    }
    c->bad = true;
    return 0;
}

uint32_t lgd_get_count(lgd_cursor *c, size_t item_bytes) {
    const uint32_t n = lgd_get_u32(c);
    if (item_bytes == 0 || n <= (size_t)(c->end - c->p) / item_bytes) return n;
    c->bad = true;
    return 0;
}

lgd_status lgd_cursor_done(const lgd_cursor *c, const char *section, lgd_err *err) {
    if (c->bad) return lgd_fail(err, LGD_E_DAMAGED, "%s: ends too early or holds an impossible value", section);
    if (c->p != c->end)
        return lgd_fail(err, LGD_E_DAMAGED, "%s: %zu bytes more than it should have", section, (size_t)(c->end - c->p));
    return LGD_OK;
}
