/*
 * text: a stream in, text out.
 *
 * A UTF-8 mark at the start is taken off; bytes then pass through as they are, invalid ones too. After a UTF-16 mark the
 * rest is transcoded. What UTF-16 does not allow is kept visible and stays invalid in UTF-8, so that its line is
 * counted: a lone surrogate is written as three bytes (as WTF-8 does), an odd last byte b as the lone surrogate
 * U+DC00+b (as Python's surrogateescape does).
 */
#include "text.h"

#define RAW_BYTES ((size_t)32 << 10)

static lgd_status read_head(lgd_text *t, lgd_err *err) {
    while (t->head_n < sizeof t->head) {
        size_t got = 0;
        LGD_TRY(lgd_stream_read(&t->stream, t->head + t->head_n, sizeof t->head - t->head_n, &got, err));
        if (got == 0) break;
        t->head_n += got;
    }
    return LGD_OK;
}

lgd_status lgd_text_open(lgd_text *t, lgd_input_file *file, const lgd_input_options *options, lgd_err *err) {
    *t = (lgd_text){0};
    LGD_TRY(lgd_stream_open(&t->stream, file, options, err));
    LGD_TRY(read_head(t, err));
    lgd_sv head = {t->head, t->head_n};
    if (lgd_sv_starts(head, LGD_SV("\xEF\xBB\xBF"))) t->head_at = t->bom_bytes = 3;
    if (lgd_sv_starts(head, LGD_SV("\xFF\xFE"))) t->encoding = LGD_TEXT_UTF16LE;
    if (lgd_sv_starts(head, LGD_SV("\xFE\xFF"))) t->encoding = LGD_TEXT_UTF16BE;
    if (t->encoding == LGD_TEXT_BYTES) return LGD_OK;
    t->head_at = 2;
    t->raw = lgd_alloc(RAW_BYTES);
    return t->raw != NULL ? LGD_OK : lgd_fail_memory(err, RAW_BYTES);
}

/* Bytes as they are: those looked at first, then straight from the stream. */
static lgd_status read_bytes(lgd_text *t, char *out, size_t n, size_t *ret_n, lgd_err *err) {
    size_t left = t->head_n - t->head_at;
    if (left == 0) return lgd_stream_read(&t->stream, out, n, ret_n, err);
    memcpy(out, t->head + t->head_at, left);
    t->head_at = t->head_n;
    *ret_n = left;
    return LGD_OK;
}

static char *put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    const int tails = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    const uint32_t lead = tails == 1 ? 0xC0 : tails == 2 ? 0xE0 : 0xF0;
    *out++ = (char)(lead | c >> (6 * tails));
    for (int i = tails - 1; i >= 0; i--) *out++ = (char)(0x80 | (c >> (6 * i) & 0x3F));
    return out;
}

/* At most 6 bytes: a high surrogate that stayed alone, and the unit. */
static char *put_unit(lgd_text *t, char *out, uint32_t unit) {
    const uint32_t high = t->high;
    t->high = 0;
    if (high != 0 && unit >= 0xDC00 && unit <= 0xDFFF)
        return put_utf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
    if (high != 0) out = put_utf8(out, high);
    if (unit < 0xD800 || unit > 0xDBFF) return put_utf8(out, unit);
    t->high = unit;
    return out;
}

static char *put_rest(lgd_text *t, char *out) {
    if (t->high != 0) out = put_utf8(out, t->high);
    if (t->raw_n == 1) out = put_utf8(out, 0xDC00u + (unsigned char)t->raw[0]);
    t->high = 0;
    t->raw_n = 0;
    t->done = true;
    return out;
}

static lgd_status read_utf16(lgd_text *t, char *out, size_t n, size_t *ret_n, lgd_err *err) {
    char *to = out;
    const size_t most = n / 4 < RAW_BYTES ? n / 4 : RAW_BYTES; /* 2 bytes become 3, plus what waited */
    while (to == out && !t->done) {
        size_t got = 0;
        LGD_TRY(read_bytes(t, t->raw + t->raw_n, most - t->raw_n, &got, err));
        if (got == 0) {
            to = put_rest(t, to);
            break;
        }
        t->raw_n += got;
        const unsigned char *raw = (const unsigned char *)t->raw;
        const size_t low = t->encoding == LGD_TEXT_UTF16LE ? 0 : 1;
        size_t i = 0;
        for (; i + 1 < t->raw_n; i += 2) to = put_unit(t, to, (uint32_t)(raw[i + low] | raw[i + 1 - low] << 8));
        t->raw_n -= i;
        if (t->raw_n > 0) t->raw[0] = t->raw[i];
    }
    *ret_n = (size_t)(to - out);
    return LGD_OK;
}

lgd_status lgd_text_read(lgd_text *t, char *out, size_t n, size_t *ret_n, lgd_err *err) {
    *ret_n = 0;
    return t->encoding == LGD_TEXT_BYTES ? read_bytes(t, out, n, ret_n, err) : read_utf16(t, out, n, ret_n, err);
}

void lgd_text_close(lgd_text *t) {
    lgd_free(t->raw);
    t->raw = NULL;
    lgd_stream_close(&t->stream);
}
