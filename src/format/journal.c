/*
 * journal: an entry of an exported journal -> its named values. Format: systemd, "Journal Export Formats". A value that
 * holds a line end stands behind its name and a line end, as 8 bytes of length (little-endian) and that many bytes. What
 * fits neither form is passed over. One pass.
 */
#include "chars.h"
#include "fields.h"

enum { LENGTH_BYTES = 8 };

static bool is_name(char c) { return c == '_' || is_digit(c) || (c >= 'A' && c <= 'Z'); }

static uint64_t length_at(lgd_sv text, size_t at) {
    uint64_t n = 0;
    for (size_t i = LENGTH_BYTES; i-- > 0;) n = n << 8 | (unsigned char)text.p[at + i];
    return n;
}

static size_t line_end(lgd_sv text, size_t at) {
    const char *end = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
    return end ? (size_t)(end - text.p) : text.n;
}

/* The value behind a name that ends at `at`: *ret_next is where the next name starts. */
static lgd_sv value_at(lgd_sv text, size_t at, size_t *ret_next) {
    size_t end = line_end(text, at);
    *ret_next = end + 1;
    if (byte_at(text, at) == '=') return slice(text, at + 1, end);
    size_t data = end + 1 + LENGTH_BYTES;
    if (end != at || data > text.n || length_at(text, end + 1) > text.n - data) return (lgd_sv){text.p, 0};
    lgd_sv data_text = {text.p + data, (size_t)length_at(text, end + 1)};
    *ret_next = data + data_text.n + 1;
    return data_text;
}

bool journal_read(lgd_sv text, const field_names *names, line_values *ret) {
    *ret = (line_values){.names = names};
    for (size_t at = 0, next; at < text.n; at = next) {
        size_t end = at;
        while (end < text.n && is_name(text.p[end])) end++;
        lgd_sv name = slice(text, at, end), content = value_at(text, end, &next);
        if (name.n == 0) continue;
        values_see(ret, (lgd_sv){0}, name);
        values_offer(ret, (lgd_sv){0}, name, content, false);
    }
    return true;
}
