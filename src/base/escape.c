/*
 * base/escape: bytes of a log on their way to a terminal. Control characters, invalid UTF-8 and the bidirectional and
 * zero-width controls that can make text look like other text become visible.
 */
#include "escape.h"

#include <stdio.h>

/* Decodes one code point (RFC 3629: shortest form, no surrogates). Returns its bytes, 0 if there is no valid one. */
size_t lgd_utf8_decode(lgd_sv s, uint32_t *ret) {
    if (s.n == 0) return 0;
    const unsigned char *p = (const unsigned char *)s.p;
    if (p[0] < 0x80) return *ret = p[0], 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || s.n < n) return 0;
    uint32_t c = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
    *ret = c;
    return n;
}

/* Zero-width and direction controls, line and paragraph separators, the byte order mark, tags. */
static bool is_trickery(uint32_t c) {
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
           c == 0xfeff || c == 0x00ad || c == 0x061c || c == 0x180e || (c >= 0xe0000 && c <= 0xe007f) ||
           (c >= 0xfff9 && c <= 0xfffb);
}

static void escape_one(lgd_buf *b, lgd_sv bytes, uint32_t c) {
    if (c == '\t')
        lgd_buf_add_char(b, ' ');
    else if (c < 0x20 || c == 0x7f)
        lgd_buf_printf(b, "\\x%02x", (unsigned)c);
    else if ((c >= 0x80 && c < 0xa0) || is_trickery(c))
        lgd_buf_printf(b, "<U+%04X>", (unsigned)c);
    else
        lgd_buf_add_sv(b, bytes);
}

void lgd_escape_terminal(lgd_buf *b, lgd_sv s, size_t max_bytes) {
    for (size_t i = 0; i < s.n;) {
        uint32_t c = 0;
        size_t n = lgd_utf8_decode((lgd_sv){s.p + i, s.n - i}, &c);
        if (max_bytes - i < (n ? n : 1)) {
            lgd_buf_add_sv(b, LGD_SV("..."));
            return;
        }
        if (n)
            escape_one(b, (lgd_sv){s.p + i, n}, c);
        else
            lgd_buf_printf(b, "\\x%02x", (unsigned)(unsigned char)s.p[i]);
        i += n ? n : 1;
    }
}
