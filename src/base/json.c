/*
 * base/json: a writer for JSON that comes line by line; documents are not built as trees. Output is always valid UTF-8:
 * a byte that is none becomes U+FFFD.
 */
#include "escape.h"

#include <stdio.h>

static void add_string(lgd_buf *b, lgd_sv s) {
    if (s.n == 0) s.p = "";
    lgd_buf_add_char(b, '"');
    for (size_t i = 0, plain = 0;; i = plain) {
        while (plain < s.n) {
            unsigned char c = (unsigned char)s.p[plain];
            if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<') break;
            plain++;
        }
        lgd_buf_add(b, s.p + i, plain - i);
        if (plain == s.n) break;
        uint32_t c = 0;
        size_t n = lgd_utf8_decode((lgd_sv){s.p + plain, s.n - plain}, &c);
        if (n == 0)
            lgd_buf_add_sv(b, LGD_SV("\xef\xbf\xbd")), n = 1;
        else if (c == '"' || c == '\\')
            lgd_buf_add_char(b, '\\'), lgd_buf_add_char(b, (char)c);
        else if (c == '\n')
            lgd_buf_add_sv(b, LGD_SV("\\n"));
        else if (c == '\t')
            lgd_buf_add_sv(b, LGD_SV("\\t"));
        else if (c < 0x20 || c == '<' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
            lgd_buf_printf(b, "\\u%04x", (unsigned)c);
        else
            lgd_buf_add(b, s.p + plain, n);
        plain += n;
    }
    lgd_buf_add_char(b, '"');
}

static void start_value(lgd_json *j, const char *key) {
    if (j->need_comma) lgd_buf_add_char(j->out, ',');
    j->need_comma = true;
    if (key) {
        add_string(j->out, lgd_sv_of(key));
        lgd_buf_add_char(j->out, ':');
    }
}

void lgd_json_object(lgd_json *j, const char *key) {
    start_value(j, key);
    lgd_buf_add_char(j->out, '{');
    j->need_comma = false;
}

void lgd_json_object_end(lgd_json *j) {
    lgd_buf_add_char(j->out, '}');
    j->need_comma = true;
}

void lgd_json_array(lgd_json *j, const char *key) {
    start_value(j, key);
    lgd_buf_add_char(j->out, '[');
    j->need_comma = false;
}

void lgd_json_array_end(lgd_json *j) {
    lgd_buf_add_char(j->out, ']');
    j->need_comma = true;
}

void lgd_json_string(lgd_json *j, const char *key, lgd_sv value) {
    start_value(j, key);
    add_string(j->out, value);
}

void lgd_json_u64(lgd_json *j, const char *key, uint64_t value) {
    start_value(j, key);
    lgd_buf_printf(j->out, "%llu", (unsigned long long)value);
}

void lgd_json_f64(lgd_json *j, const char *key, double value) {
    char text[32];
    start_value(j, key);
    lgd_buf_add(j->out, text, lgd_format_f64(value, text));
}

void lgd_json_bool(lgd_json *j, const char *key, bool value) {
    start_value(j, key);
    lgd_buf_add_sv(j->out, value ? LGD_SV("true") : LGD_SV("false"));
}

void lgd_json_null(lgd_json *j, const char *key) {
    start_value(j, key);
    lgd_buf_add_sv(j->out, LGD_SV("null"));
}

void lgd_json_key_sv(lgd_json *j, lgd_sv key) {
    start_value(j, NULL);
    add_string(j->out, key);
    lgd_buf_add_char(j->out, ':');
    j->need_comma = false;
}
